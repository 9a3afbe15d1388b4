// What live events change among the meetings that are known here.

import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { Problem } from '../../api/problem';
import { gather, isLong } from '../../lib/live';
import { keys, oneMeeting } from './api';
import type { Meeting } from './model';

interface Page {
  items: Meeting[];
}

/** More changes than this cost more than reading the list anew. */
const MOST_CHANGES = 50;

export function followMeetings(client: QueryClient): (event: LiveEvent) => void {
  const changed = new Set<string>();
  const renew = gather(() => {
    const lists = client.getQueryCache().findAll({ queryKey: keys.lists });
    const long = new Set(changed.size > MOST_CHANGES ? [] : lists.filter(isLong));
    void client.invalidateQueries({ queryKey: keys.all, predicate: (query) => !long.has(query) });
    // Of a long list only the meetings that changed are read.
    if (long.size) changed.forEach((id) => void renewRow(client, id));
    changed.clear();
  });
  return (event) => {
    if (event.type === 'participants_changed') {
      count(client, event.id, event.clients);
      void client.invalidateQueries({ queryKey: keys.people(event.id) });
    } else if (event.type === 'meeting_changed' || event.type === 'meeting_removed' || event.type === 'source_changed') {
      if ('id' in event) changed.add(event.id);
      renew();
    }
  };
}

/** Puts a meeting as it is now, or nothing when it is gone, in the place that it has in the lists. */
async function renewRow(client: QueryClient, id: string): Promise<void> {
  const now = await client.fetchQuery({ ...oneMeeting(id), staleTime: 0, retry: false }).catch((error: unknown) => (isGone(error) ? null : undefined));
  // What could not be asked stays as it was.
  if (now === undefined) return;
  const renewPage = (page: Page) => ({ ...page, items: page.items.flatMap((meeting) => (meeting.id === id ? (now ?? []) : meeting)) });
  client.setQueriesData<InfiniteData<Page>>({ queryKey: keys.lists }, (data) => data && { ...data, pages: data.pages.map(renewPage) });
}

const isGone = (error: unknown): boolean => error instanceof Problem && error.status === 404;

/** Writes the new number of people wherever the meeting is shown, without asking for it again. */
function count(client: QueryClient, id: string, clients: number): void {
  const change = (meeting: Meeting) => (meeting.id === id ? { ...meeting, clients } : meeting);
  const changePage = (page: Page) => ({ ...page, items: page.items.map(change) });
  client.setQueryData<Meeting>(keys.one(id), (meeting) => meeting && change(meeting));
  client.setQueriesData<Page>({ queryKey: [...keys.all, 'in'] }, (page) => page && changePage(page));
  client.setQueriesData<InfiniteData<Page>>({ queryKey: keys.lists }, (data) => data && { ...data, pages: data.pages.map(changePage) });
}
