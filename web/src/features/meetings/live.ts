// What live events change among the meetings that are known here.

import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { keys } from './api';
import type { Meeting } from './model';

interface Page {
  items: Meeting[];
}

/** Many changes come at once when a hundred meetings begin; one reading serves them all. */
const GATHER_MS = 100;

export function followMeetings(client: QueryClient): (event: LiveEvent) => void {
  let timer = 0;
  const renew = () => {
    timer = 0;
    void client.invalidateQueries({ queryKey: keys.all });
  };
  return (event) => {
    if (event.type === 'participants_changed') {
      count(client, event.id, event.clients);
      void client.invalidateQueries({ queryKey: keys.people(event.id) });
    } else if (event.type === 'meeting_changed' || event.type === 'meeting_removed' || event.type === 'source_changed') {
      timer ||= window.setTimeout(renew, GATHER_MS);
    }
  };
}

/** Writes the new number of people wherever the meeting is shown, without asking for it again. */
function count(client: QueryClient, id: string, clients: number): void {
  const change = (meeting: Meeting) => (meeting.id === id ? { ...meeting, clients } : meeting);
  const changePage = (page: Page) => ({ ...page, items: page.items.map(change) });
  client.setQueryData<Meeting>(keys.one(id), (meeting) => meeting && change(meeting));
  client.setQueriesData<Page>({ queryKey: [...keys.all, 'in'] }, (page) => page && changePage(page));
  client.setQueriesData<InfiniteData<Page>>({ queryKey: keys.lists }, (data) => data && { ...data, pages: data.pages.map(changePage) });
}
