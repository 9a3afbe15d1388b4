// What live events change among the sessions that are known here.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { keys } from './api';

export function followSessions(client: QueryClient): (event: LiveEvent) => void {
  return ({ type }) => {
    if (type === 'session_ended') void client.invalidateQueries({ queryKey: keys.all });
  };
}
