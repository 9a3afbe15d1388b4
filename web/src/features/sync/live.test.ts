import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { serve } from '../../testing/server';
import { listSources } from './api';
import { followSync } from './live';

afterEach(() => vi.restoreAllMocks());

const changed = (status: string) => ({ type: 'sync_changed', source: 'students', status, detail: '' }) as const;

it('many events of a run are one reading, and those of others none', async () => {
  const asked = serve({ 'GET /api/v1/sources': { items: [] } });
  const client = new QueryClient();
  const list = new QueryObserver(client, listSources());
  const stop = list.subscribe(() => undefined);
  await vi.waitFor(() => expect(list.getCurrentResult().isSuccess).toBe(true));
  const follow = followSync(client);
  follow({ type: 'jobs_changed' });
  for (let i = 0; i < 20; i++) follow(changed('running'));
  follow({ type: 'audited', action: 'source.change', target_kind: 'source', target_id: 'students' });
  await vi.waitFor(() => expect(asked).toHaveLength(2), { timeout: 2_000 });
  stop();
});

it('people are read anew once a run is over, and not while it runs', () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  const renewed = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
  const people = () => renewed.mock.calls.filter(([what]) => what?.queryKey?.[0] === 'directory').length;
  const follow = followSync(client);
  follow(changed('running'));
  vi.runAllTimers();
  expect(people()).toBe(0);
  follow(changed('success'));
  vi.runAllTimers();
  expect(people()).toBe(1);
  vi.useRealTimers();
});
