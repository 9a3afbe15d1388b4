// What live events change among the sessions that are known here.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout } from '../../lib/live';
import { keys } from './api';

export function followSessions(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all }));
  return (event) => {
    if (event.type === 'session_ended' || isAbout(event, 'session', 'user')) renew();
  };
}
