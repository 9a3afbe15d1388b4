import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Problem } from '../api/problem';
import { show } from '../testing/reader';
import { ErrorView } from './ErrorView';
import { useRefusal } from './refusal';

const refusedAs = (code: string, ...fields: string[]) =>
  new Problem({ status: 422, code, detail: 'some are not allowed', errors: fields.map((field) => ({ field, detail: `no such ${field}` })) });
const refused = (...fields: string[]) => refusedAs('accounts.invalid', ...fields);

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

it('a field that another part of the server has under the same name is in the words of the server', () => {
  show(<Said error={refusedAs('jobs.invalid', 'rate')} field="rate" />);
  expect(screen.getByTestId('said').textContent).toMatch(/from 0.01 to 10000/);
  show(<Said error={refusedAs('lines.invalid', 'rate')} field="rate" />);
  expect(screen.getByText('no such rate').lang).toBe('en');
});

it('a cause that is known stays, whichever fields it names', () => {
  show(<ErrorView error={refusedAs('users.email_taken', 'email')} effect="Not done." />);
  screen.getByText('Somebody has an account with this address already.');
});
