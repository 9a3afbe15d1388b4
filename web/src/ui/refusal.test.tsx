import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Problem } from '../api/problem';
import { show } from '../testing/reader';
import { ErrorView } from './ErrorView';
import { useRefusal } from './refusal';

const refused = (...fields: string[]) =>
  new Problem({ status: 422, code: 'accounts.invalid', detail: 'some are not allowed', errors: fields.map((field) => ({ field, detail: `no such ${field}` })) });

function Said({ error, field }: { error: unknown; field: string }) {
  return <p data-testid="said">{useRefusal(error)(field)}</p>;
}

it('says beside a field what is wrong with it, and nothing beside the others', () => {
  show(<Said error={refused('email')} field="email" />);
  expect(screen.getByTestId('said').textContent).toMatch(/no e-mail address/);
  expect(screen.getByTestId('said').querySelector('[lang]')).toBeNull();
});

it('says nothing beside a field that was not refused', () => {
  show(<Said error={refused('email')} field="name" />);
  expect(screen.getByTestId('said').textContent).toBe('');
});

it('marks what the server says itself as English', () => {
  show(<Said error={refused('cursor')} field="cursor" />);
  expect(screen.getByText('no such cursor').lang).toBe('en');
});

it('a problem whose fields all have words is in the words of the reader, any other in those of the server', () => {
  show(<ErrorView error={refused('email')} effect="Not done." />);
  screen.getByText('Some of what was written is not allowed.');
  show(<ErrorView error={refused('email', 'cursor')} effect="Not done." />);
  screen.getByText('some are not allowed');
});
