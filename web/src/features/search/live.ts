// What live events change among what was found.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isLong } from '../../lib/live';
import { keys } from './api';

/** The index follows a change within half a second. */
const BEHIND_MS = 1_500;

const FINDABLE: ReadonlySet<LiveEvent['type']> = new Set(['document_changed', 'task_changed', 'task_removed', 'file_changed']);

export function followFound(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all, predicate: (query) => !isLong(query) }), BEHIND_MS);
  return ({ type }) => {
    if (FINDABLE.has(type)) renew();
  };
}
