// What live events change among the documents that are known here.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout } from '../../lib/live';
import { keys } from './api';

const AT_MOST_EVERY_MS = 500;

export function followDocuments(client: QueryClient): (event: LiveEvent) => void {
  const changed = new Set<string>();
  const renew = gather(() => {
    changed.forEach((id) => void client.invalidateQueries({ queryKey: keys.one(id) }));
    changed.clear();
    for (const queryKey of [keys.lists, keys.folders, keys.access]) void client.invalidateQueries({ queryKey });
  }, AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'document_changed') changed.add(event.id);
    // Folders have no event of their own.
    else if (!isAbout(event, 'document_folder')) return;
    renew();
  };
}
