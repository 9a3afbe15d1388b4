// Asks for the inbox while the code of its page is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { me } from '../account/api';
import { listInbox } from './api';
import type { InboxSearch } from './search';

/** Only people have one. */
export async function prefetchInbox(client: QueryClient, { show }: InboxSearch): Promise<void> {
  const { user } = await client.ensureQueryData(me());
  if (user) await client.prefetchInfiniteQuery(listInbox(show === 'unread'));
}
