import { QueryClient } from '@tanstack/react-query';
import { act, screen, waitFor } from '@testing-library/react';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { afterEach, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../api/events';
import { keys } from '../features/account/api';
import { Events, EventsProvider } from '../lib/events';
import { showWithNews } from '../testing/reader';
import { serve } from '../testing/server';
import { ClientNews } from './ClientNews';

afterEach(() => vi.restoreAllMocks());

/** The console of somebody who chose this; what happens is put in. */
async function open(preferences: { news?: string[] }) {
  serve({ 'GET /api/v1/auth/me': { user: { preferences } } });
  const events = new Events();
  const page = () => (
    <EventsProvider value={events}>
      <ClientNews />
    </EventsProvider>
  );
  const router = createRouter({ routeTree: createRootRoute({ component: page }), history: createMemoryHistory() });
  const client = new QueryClient();
  showWithNews(<RouterProvider router={router as never} />, client);
  await act(() => router.load());
  await waitFor(() => expect(client.getQueryData(keys.me)).toBeDefined());
  let number = 0;
  const add = (event: LiveEvent) => events.add({ number: ++number, at: '2026-11-21T10:00:00Z', event });
  const order = (order: string, by: string) => add({ type: 'clients_ordered', order, username: 'ali', others: 2, reason: 'exam', by });
  const lost = (others: number, username = 'ali') => add({ type: 'clients_lost', username, others, room: 'class 12' });
  return { order, lost };
}

it('what others order is said to those who want to know, and what one orders oneself is not', async () => {
  const { order } = await open({ news: ['blocked', 'paused'] });
  act(() => {
    order('blocked', 'Reza');
    order('unblocked', 'Reza');
    order('paused', 'Sara');
  });
  const said = await screen.findByText(/Reza.* blocked/);
  expect(said.textContent).toMatch(/ali.*\n.*2 more with them\n.*exam/s);
  expect(screen.queryByText(/unblocked|paused/)).toBeNull();
});

it('until somebody chooses, many who are lost at once are news, and one is not', async () => {
  const { lost } = await open({});
  act(() => lost(0));
  act(() => lost(29));
  expect((await screen.findByText(/30 clients lost/)).textContent).toMatch(/class 12/);
  expect(screen.queryByText(/“.*ali.*” lost/)).toBeNull();
});

it('of those who are lost again and again the newest news stands alone', async () => {
  const { lost } = await open({ news: ['lost'] });
  act(() => lost(0, 'ali'));
  await screen.findByText(/ali.* lost/);
  act(() => lost(0, 'mina'));
  await screen.findByText(/mina.* lost/);
  await waitFor(() => expect(screen.queryByText(/ali.* lost/)).toBeNull());
  act(() => lost(99));
  expect(screen.queryByText(/100/)).toBeNull();
});
