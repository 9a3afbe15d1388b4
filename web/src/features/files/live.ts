// What live events change among the files that are known here.

import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isLong } from '../../lib/live';
import { filePage, keys, type FilePage, type Filter, type StoredFile } from './api';

const AT_MOST_EVERY_MS = 300;

export function followFiles(client: QueryClient): (event: LiveEvent) => void {
  const changed = new Set<string>();
  const renew = gather(() => {
    changed.forEach((id) => void client.invalidateQueries({ queryKey: keys.one(id) }));
    changed.clear();
    const long = client.getQueryCache().findAll({ queryKey: keys.lists, type: 'active', predicate: isLong });
    void client.invalidateQueries({ queryKey: keys.lists, predicate: (query) => !long.includes(query) });
    long.forEach(({ queryKey }) => void renewNewest(client, queryKey));
  }, AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type !== 'file_changed') return;
    changed.add(event.id);
    renew();
  };
}

/** Of a long list only the newest page is read, where things happen. */
async function renewNewest(client: QueryClient, queryKey: QueryKey): Promise<void> {
  // What could not be asked comes with the next event.
  const now = await filePage(queryKey.at(-1) as Filter).catch(() => null);
  if (now) client.setQueryData<InfiniteData<FilePage>>(queryKey, (data) => data && { ...data, pages: laidOver(now, data.pages) });
}

/** What is known, with a newer reading of its beginning in place of the old one. */
export function laidOver({ items }: FilePage, pages: readonly FilePage[]): FilePage[] {
  const fresh = new Set(items.map(({ id }) => id));
  const last = items.at(-1);
  const isOlder = ({ id, created_at }: StoredFile) => !fresh.has(id) && (!last || created_at <= last.created_at);
  return pages.map((page, index) => ({ ...page, items: [...(index === 0 ? items : []), ...page.items.filter(isOlder)] }));
}
