// Asks for what the pages of clients show while their code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listClients, listEvents, oneClient, problems, totals } from './api';
import { toFilter, type ClientsSearch } from './search';

export function prefetchClients(client: QueryClient, search: ClientsSearch): void {
  void client.prefetchQuery(problems());
  void client.prefetchQuery(totals());
  if (!search.view) void client.prefetchInfiniteQuery(listClients(toFilter(search)));
}

export function prefetchClient(client: QueryClient, username: string): void {
  void client.prefetchQuery(oneClient(username));
  void client.prefetchInfiniteQuery(listEvents(username));
}
