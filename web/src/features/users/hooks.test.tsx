import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showWithNews } from '../../testing/reader';
import { Refusal, serve } from '../../testing/server';
import type { Person } from './api';
import { usePersonActions } from './hooks';

const sara = { id: 'u1', name: 'Sara', email: 'sara@example.org', role: 'operator' } as Person;
let actions: ReturnType<typeof usePersonActions>;

function Actions() {
  actions = usePersonActions();
  return null;
}

afterEach(() => vi.restoreAllMocks());

it('a role that was given can be taken back', async () => {
  const asked = serve({ 'PATCH /api/v1/users/u1': (patch: unknown) => ({ ...sara, ...(patch as object) }) });
  showWithNews(<Actions />);
  await act(() => actions.giveRole(sara, 'admin'));
  await screen.findByText(/Sara.* is Administrator now/);
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(asked.map(({ body }) => body)).toEqual([{ role: 'admin' }, { role: 'operator' }]));
});

it('the last administrator stays, and why is said with what to do', async () => {
  serve({ 'DELETE /api/v1/users/u1': new Refusal(409, 'users.last_admin', 'this is the only admin; make another one first') });
  const gone = vi.fn();
  showWithNews(<Actions />);
  await act(() => actions.remove(sara, gone));
  const news = await screen.findByText(/The account of .*Sara.* stays/);
  expect(news.textContent).toMatch(/only administrator[^]*Make somebody else an administrator first/);
  expect(gone).not.toHaveBeenCalled();
});
