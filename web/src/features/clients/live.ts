// What live events change among the clients that are known here, but for the lists: these follow the stream of clients.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { keys } from './api';

const AT_MOST_EVERY_MS = 300;

/** Lists follow their own stream, problems have an event of theirs, and figures of whole days can wait for their next minute. */
const OTHERS: readonly unknown[] = [keys.lists[1], keys.analytics[1], keys.problems[1]];
export const isRenewed = ({ queryKey }: { queryKey: readonly unknown[] }): boolean => !OTHERS.includes(queryKey[1]);

export function followClients(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => {
    void client.invalidateQueries({ queryKey: keys.all, predicate: isRenewed });
    // Those that nobody looks at are read anew when somebody does.
    void client.invalidateQueries({ queryKey: keys.lists, type: 'inactive', refetchType: 'none' });
  }, AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'clients_changed') renew();
    if (event.type === 'clients_problems_changed') void client.invalidateQueries({ queryKey: keys.problems });
  };
}
