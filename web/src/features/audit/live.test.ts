import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { serve } from '../../testing/server';
import { listAudit } from './api';
import { followAudit } from './live';

const entries = (last: number, count: number) => Array.from({ length: count }, (_, i) => ({ seq: last - i, action: 'port.pick' }));
const AUDITED = { type: 'audited', action: 'port.pick', target_kind: 'port', target_id: '3000' } as const;

afterEach(() => vi.restoreAllMocks());

async function shown(...pages: object[]) {
  const asked = serve({ 'GET /api/v1/audit': () => (pages.length > 1 ? pages.shift() : pages[0]) });
  const client = new QueryClient();
  const list = new InfiniteQueryObserver(client, listAudit({ action: 'port' }));
  const stop = list.subscribe(() => undefined);
  await vi.waitFor(() => expect(list.getCurrentResult().isSuccess).toBe(true));
  const seqs = () => list.getCurrentResult().data?.pages.map(({ items }) => items.map(({ seq }) => seq));
  return { asked, list, seqs, stop, follow: followAudit(client) };
}

it('what is new is put before what is known, which is not read again', async () => {
  const { asked, list, seqs, stop, follow } = await shown(
    { items: entries(10, 2), next_cursor: 'more' },
    { items: entries(8, 1), next_cursor: null },
    { items: entries(12, 4), next_cursor: 'more' },
  );
  await list.fetchNextPage();
  follow(AUDITED);
  follow(AUDITED);
  await vi.waitFor(() => expect(seqs()).toEqual([[12, 11, 10, 9], [8]]));
  expect(asked).toHaveLength(3);
  stop();
});

it('when more is new than one page holds, all is read anew', async () => {
  const { seqs, stop, follow } = await shown({ items: entries(10, 2), next_cursor: null }, { items: entries(500, 200), next_cursor: 'more' });
  follow(AUDITED);
  await vi.waitFor(() => expect(seqs()?.[0]).toHaveLength(200));
  stop();
});
