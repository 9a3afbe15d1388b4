// Asks for what the page of search shows while its code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { findAll } from './api';
import { toAsked, type FindSearch } from './search';

export function prefetchFound(client: QueryClient, search: FindSearch): void {
  if (search.q?.trim()) void client.prefetchInfiniteQuery(findAll(toAsked(search)));
}
