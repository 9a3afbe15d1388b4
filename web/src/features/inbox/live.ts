// What live events change in the inbox: the server tells each person of theirs alone.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { keys } from './api';

const AT_MOST_EVERY_MS = 300;

export function followInbox(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all }), AT_MOST_EVERY_MS);
  return ({ type }) => {
    if (type === 'notifications_changed') renew();
  };
}
