import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showWithNews } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { UserPanel } from './UserPanel';

const sara = { id: 'u1', name: 'Sara', email: 'sara@example.org', role: 'writer', invited: false, created_at: '2026-11-20T12:00:00Z', updated_at: '2026-11-20T12:00:00Z' };

afterEach(() => vi.restoreAllMocks());

it('a key on the closed list of roles gives none; the button does', async () => {
  let now = sara;
  const asked = serve({
    'GET /api/v1/users/u1': () => now,
    'PATCH /api/v1/users/u1': (patch: unknown) => (now = { ...now, ...(patch as object) }),
  });
  const given = () => asked.filter(({ call }) => call.startsWith('PATCH')).map(({ body }) => body);
  showWithNews(<UserPanel id="u1" onClose={() => undefined} />);
  const list = await screen.findByRole('button', { name: /Role/ });
  expect(screen.queryByRole('button', { name: 'Give this role' })).toBeNull();
  fireEvent.keyDown(list, { key: 'ArrowRight' });
  fireEvent.keyUp(list, { key: 'ArrowRight' });
  const give = await screen.findByRole('button', { name: 'Give this role' });
  expect(given()).toEqual([]);
  fireEvent.click(give);
  await waitFor(() => expect(given()).toHaveLength(1));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Give this role' })).toBeNull());
});
