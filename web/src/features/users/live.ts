// What live events change among the people who are known here.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout, isLong } from '../../lib/live';
import { keys } from './api';

export function followPeople(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => {
    void client.invalidateQueries({ queryKey: keys.all, predicate: (query) => !isLong(query) });
    // It is read when one comes back to it.
    void client.invalidateQueries({ queryKey: keys.all, predicate: isLong, refetchType: 'none' });
  });
  return (event) => {
    if (isAbout(event, 'user', 'session')) renew();
  };
}
