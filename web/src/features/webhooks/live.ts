// What live events change among the webhooks that are known here: what is sent to them is sent by jobs.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout, isLong } from '../../lib/live';
import { keys } from './keys';

const AT_MOST_EVERY_MS = 500;

export function followWebhooks(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all, predicate: (query) => !isLong(query) }), AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'jobs_changed' || isAbout(event, 'webhook')) renew();
  };
}
