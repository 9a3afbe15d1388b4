import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { serve } from '../../testing/server';
import { listJobs, PAGE } from './api';
import { followJobs, laidOver } from './live';

const ended = (id: number, state = 'succeeded') => ({ id, state, run_at: '2026-11-21T10:00:00Z' });
const page = (ids: number[], total = 400) => ({ items: ids.map((id) => ended(id)), next_cursor: 'more', total }) as never;

afterEach(() => vi.restoreAllMocks());

async function shown(pages: number, answer: () => unknown) {
  const asked = serve({ 'GET /api/v1/jobs': answer });
  const client = new QueryClient();
  const list = new InfiniteQueryObserver(client, listJobs({}));
  const stop = list.subscribe(() => undefined);
  await vi.waitFor(() => expect(list.getCurrentResult().isSuccess).toBe(true));
  while ((list.getCurrentResult().data?.pages.length ?? 0) < pages) await list.fetchNextPage();
  return { asked, list, stop, follow: followJobs(client) };
}

it('many events are one reading', async () => {
  const { asked, stop, follow } = await shown(1, () => page([2, 1]));
  follow({ type: 'jobs_changed' });
  follow({ type: 'audited', action: 'queue.change', target_kind: 'queue', target_id: 'sync' });
  follow({ type: 'audited', action: 'meeting.start', target_kind: 'meeting', target_id: 'm' });
  await vi.waitFor(() => expect(asked).toHaveLength(2), { timeout: 2_000 });
  stop();
});

it('of a long list only the newest page is read', async () => {
  let last = 11;
  const { asked, list, stop, follow } = await shown(4, () => page([(last -= 2) + 1, last]));
  const before = asked.length;
  last = 15;
  follow({ type: 'jobs_changed' });
  await vi.waitFor(() => expect(list.getCurrentResult().data?.pages[0]?.items[0]?.id).toBe(14), { timeout: 2_000 });
  expect(asked).toHaveLength(before + 1);
  stop();
});

it('what is newer takes the place of what is known; what left the list is gone', () => {
  const now = { items: [ended(12), ended(10, 'failed')], total: 9 } as never;
  const pages = laidOver(now, [page([11, 10, 9]), page([8])]);
  expect(pages.map(({ items }) => items.map(({ id, state }) => `${id} ${state}`))).toEqual([['12 succeeded', '10 failed', '9 succeeded'], ['8 succeeded']]);
  expect(pages.every(({ total }) => total === 9)).toBe(true);
});

it('when more is new than one page holds, all is read anew', async () => {
  let newest = 40;
  const ids = () => Array.from({ length: newest > 100 ? PAGE : 2 }, (_, i) => newest - i);
  const { list, stop, follow } = await shown(4, () => page(newest > 100 ? ids() : [newest--, newest--]));
  newest = 500;
  follow({ type: 'jobs_changed' });
  await vi.waitFor(() => expect(list.getCurrentResult().data?.pages[0]?.items).toHaveLength(PAGE), { timeout: 2_000 });
  stop();
});
