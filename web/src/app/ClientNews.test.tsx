import { act, screen } from '@testing-library/react';
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { afterEach, expect, it } from 'vitest';
import { Events, EventsProvider } from '../lib/events';
import { chooseNews, wantedNews } from '../lib/news';
import { showWithNews } from '../testing/reader';
import { ClientNews } from './ClientNews';

afterEach(() => localStorage.clear());

it('what others order is said to those who want to know, and what one orders oneself is not', async () => {
  expect(wantedNews()).toEqual(['blocked']);
  chooseNews(['blocked', 'paused']);
  const events = new Events();
  const page = () => (
    <EventsProvider value={events}>
      <ClientNews />
    </EventsProvider>
  );
  const router = createRouter({ routeTree: createRootRoute({ component: page }), history: createMemoryHistory() });
  showWithNews(<RouterProvider router={router as never} />);
  await act(() => router.load());
  let number = 0;
  const order = (order: string, by: string) => events.add({ number: ++number, at: '2026-11-21T10:00:00Z', event: { type: 'clients_ordered', order, username: 'ali', others: 2, reason: 'exam', by } });
  act(() => {
    order('blocked', 'Reza');
    order('unblocked', 'Reza');
    order('paused', 'Sara');
  });
  const said = await screen.findByText(/Reza.* blocked/);
  expect(said.textContent).toMatch(/ali.*\n.*2 more with them\n.*exam/s);
  expect(screen.queryByText(/unblocked|paused/)).toBeNull();
});
