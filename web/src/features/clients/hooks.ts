// The clients of a list, and reading anew what is known of them.

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { keys, listClients, type Filter } from './api';
import { isRenewed } from './live';
import { laidOver, offsetOf } from './news';
import { useNews } from './stream';

const NO_PAGES: never[] = [];

/** The clients of a list as they stand now. */
export function useClients(filter: Filter) {
  const query = useInfiniteQuery(listClients(filter));
  const pages = query.data?.pages ?? NO_PAGES;
  const news = useNews(offsetOf(pages));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const clients = useMemo(() => laidOver(pages, news, filter, hasNextPage), [pages, news, filter, hasNextPage]);
  const more = () => hasNextPage && !isFetchingNextPage && void fetchNextPage();
  return { ...query, clients, more };
}

/** Reads everything about clients anew, but for the lists: these are told of every change. */
export function useRenew() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.all, predicate: isRenewed });
}
