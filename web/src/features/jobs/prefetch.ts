// Asks for what the page of jobs shows while its code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listJobs, queues, workers } from './api';
import { toFilter, type JobsSearch } from './search';

export function prefetchJobs(client: QueryClient, search: JobsSearch): void {
  void client.prefetchQuery(queues());
  void client.prefetchQuery(workers());
  void client.prefetchInfiniteQuery(listJobs(toFilter(search)));
}
