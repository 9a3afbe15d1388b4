import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showWithNews } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { SessionList } from './SessionList';

const session = (id: string, current: boolean) => ({
  id,
  user_id: 'u1',
  current,
  address: '192.0.2.7',
  agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  created_at: '2026-11-20T10:00:00Z',
  seen_at: '2026-11-20T12:00:00Z',
  ends_at: '2026-11-27T10:00:00Z',
});

afterEach(() => vi.restoreAllMocks());

it('marks the session that looks, and ends the others', async () => {
  const asked = serve({ 'GET /api/v1/sessions': { items: [session('a', true), session('b', false)] }, 'DELETE /api/v1/sessions/b': null });
  showWithNews(<SessionList />);
  await screen.findByText('This one');
  const [end, ...more] = screen.getAllByRole('button', { name: /End it: .*Firefox.* on .*Linux/ });
  expect(more).toEqual([]);
  fireEvent.click(end as HTMLElement);
  await screen.findByText(/The session has ended/);
  await waitFor(() => expect(asked.map(({ call }) => call)).toEqual(['GET /api/v1/sessions', 'DELETE /api/v1/sessions/b', 'GET /api/v1/sessions']));
});

it('says when nobody is signed in', async () => {
  serve({ 'GET /api/v1/sessions': { items: [] } });
  showWithNews(<SessionList user="u2" />);
  await screen.findByText(/nobody is signed in/);
});
