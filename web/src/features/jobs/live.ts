// What live events change among the jobs that are known here. Many workers change many jobs, so it is looked at most
// twice a second.

import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout, isLong } from '../../lib/live';
import { jobPage, keys, PAGE, type Filter, type Job, type JobPage } from './api';

const AT_MOST_EVERY_MS = 500;

export function followJobs(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => {
    const long = new Set(client.getQueryCache().findAll({ queryKey: keys.lists, type: 'active', predicate: isLong }));
    void client.invalidateQueries({ queryKey: keys.all, predicate: (query) => !long.has(query) });
    long.forEach(({ queryKey }) => void renewNewest(client, queryKey));
  }, AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'jobs_changed' || isAbout(event, 'job', 'queue', 'schedule')) renew();
  };
}

/** Of a long list only the newest page is read, where things happen. */
async function renewNewest(client: QueryClient, queryKey: QueryKey): Promise<void> {
  // What could not be asked comes with the next event.
  const now = await jobPage(queryKey.at(-1) as Filter).catch(() => null);
  const first = client.getQueryData<InfiniteData<JobPage>>(queryKey)?.pages[0]?.items[0]?.id ?? 0;
  if (!now) return;
  // More is new than one page holds, so something lies between.
  if (now.items.filter(({ id }) => id > first).length === PAGE) return client.resetQueries({ queryKey });
  client.setQueryData<InfiniteData<JobPage>>(queryKey, (data) => data && { ...data, pages: laidOver(now, data.pages) });
}

/** What is known, with a newer reading of its beginning in place of the old one. */
export function laidOver({ items, total }: JobPage, [first, ...older]: readonly JobPage[]): JobPage[] {
  const last = items.at(-1)?.id ?? Infinity;
  const rest = (page: JobPage) => ({ ...page, total, items: page.items.filter(({ id }: Job) => id < last) });
  return first ? [{ ...rest(first), items: [...items, ...rest(first).items] }, ...older.map(rest)] : [];
}
