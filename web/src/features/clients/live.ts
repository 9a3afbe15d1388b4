// What live events change among the clients that are known here, but for the lists: these follow the stream of clients.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { keys } from './api';

const AT_MOST_EVERY_MS = 300;

export function followClients(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => {
    const isList = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[1] === keys.lists[1];
    void client.invalidateQueries({ queryKey: keys.all, predicate: (query) => !isList(query) });
    // Those that nobody looks at are read anew when somebody does.
    void client.invalidateQueries({ queryKey: keys.lists, type: 'inactive', refetchType: 'none' });
  }, AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'clients_changed') renew();
  };
}
