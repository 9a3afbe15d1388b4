// Asks for what the pages of tasks show while their code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listActivity, listComments, oneTask } from './api';

export function prefetchTask(client: QueryClient, name: string): void {
  void client.prefetchQuery(oneTask(name));
  void client.prefetchInfiniteQuery(listComments(name));
  void client.prefetchInfiniteQuery(listActivity(name));
}
