// What live events change in the audit: it only grows, so what is new is put before what is known.

import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { auditPage, keys, PAGE, type Filter, type Page } from './api';

export function followAudit(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => {
    const shown = client.getQueryCache().findAll({ queryKey: keys.lists, type: 'active' });
    shown.forEach(({ queryKey }) => void grow(client, queryKey));
  });
  return ({ type }) => {
    if (type === 'audited') renew();
  };
}

async function grow(client: QueryClient, queryKey: QueryKey): Promise<void> {
  const filter = queryKey.at(-1) as Filter;
  // What could not be asked comes with the next event.
  const now = await auditPage(filter).catch(() => null);
  const last = client.getQueryData<InfiniteData<Page>>(queryKey)?.pages[0]?.items[0]?.seq ?? 0;
  const added = now?.items.filter(({ seq }) => seq > last) ?? [];
  if (added.length === PAGE) return client.resetQueries({ queryKey });
  if (added.length) client.setQueryData<InfiniteData<Page>>(queryKey, (data) => data && { ...data, pages: before(added, data.pages) });
}

function before(added: Page['items'], [first, ...older]: readonly Page[]): Page[] {
  return first ? [{ ...first, items: [...added, ...first.items] }, ...older] : [];
}
