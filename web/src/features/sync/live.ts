// What live events change among the sources and people that are known here. A run tells of itself many times, so it is
// looked at most twice a second.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout } from '../../lib/live';
import { keys as directory } from '../directory/api';
import { isShort, keys } from './api';

const AT_MOST_EVERY_MS = 500;

export function followSync(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all, predicate: isShort }), AT_MOST_EVERY_MS);
  const renewPeople = gather(() => void client.invalidateQueries({ queryKey: directory.all, predicate: isShort }), AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'sync_changed') renew();
    if (event.type === 'sync_changed' && event.status !== 'running' && event.status !== 'pending') renewPeople();
    if (isAbout(event, 'source')) renew();
  };
}
