// Asks for the people of a list while its page is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listPeople } from './api';
import { directoryOf, toFilter, type DirectorySearch } from './search';

export function prefetchPeople(client: QueryClient, search: DirectorySearch): void {
  void client.prefetchInfiniteQuery(listPeople(directoryOf(search.of), toFilter(search)));
}
