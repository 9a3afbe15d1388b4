import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { show } from '../testing/reader';
import { ErrorView } from './ErrorView';

it('says effect, cause and next step, and the number of the request', () => {
  const retry = vi.fn();
  const error = new Problem({ status: 409, code: 'ports.taken', detail: 'port 3000 is taken by admin', request_id: 'r42' });
  show(<ErrorView error={error} effect="No port was picked." onRetry={retry} />);
  const said = screen.getByRole('alert').textContent;
  for (const part of ['No port was picked.', 'port 3000 is taken by admin', 'Choose another port', 'r42']) expect(said).toContain(part);
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
});

it('has a next step for what nobody foresaw', () => {
  show(<ErrorView error={new Error('boom')} effect="This page cannot be shown." />);
  expect(screen.getByRole('alert').textContent).toMatch(/boom.*Try again/);
});
