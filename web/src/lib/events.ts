// The newest live events, for whoever shows them.

import { createContext, use, useRef, useSyncExternalStore } from 'react';
import type { Happened, LiveEvent } from '../api/events';

const KEPT = 50;

/** News for the pages that it concerns, and for nobody's list. */
const QUIET: ReadonlySet<LiveEvent['type']> = new Set(['audited', 'clients_changed', 'clients_problems_changed', 'jobs_changed', 'notifications_changed', 'session_ended', 'settings_changed', 'task_changed', 'task_removed']);
/** A run that got on is none of them either. */
const LOUD_SYNC: ReadonlySet<string> = new Set(['success', 'failed', 'cancelled', 'recovered', 'late']);

const isLoud = (event: LiveEvent): boolean => (event.type === 'sync_changed' ? LOUD_SYNC.has(event.status) : !QUIET.has(event.type));

/** What an event takes the place of: of the people who come and go in one meeting, or are lost alone in one room, only the newest is told. */
function placeOf({ number, event }: Happened): string {
  if (event.type === 'participants_changed') return `people ${event.id}`;
  return event.type === 'clients_lost' && event.others === 0 ? `lost ${event.room}` : String(number);
}

/** Several lists as one, the newest first, nothing twice. */
export function newest(...lists: (readonly Happened[])[]): readonly Happened[] {
  const told = new Set<string>();
  const isNew = (happened: Happened) => !told.has(placeOf(happened)) && told.add(placeOf(happened));
  const loud = lists.flat().filter(({ event }) => isLoud(event));
  return loud
    .sort((a, b) => b.number - a.number)
    .filter(isNew)
    .slice(0, KEPT);
}

export class Events {
  private recent: readonly Happened[] = [];
  private readonly watchers = new Set<() => void>();

  readonly add = (happened: Happened): void => {
    this.recent = newest([happened], this.recent);
    this.watchers.forEach((watcher) => watcher());
  };

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** The newest first. */
  readonly list = (): readonly Happened[] => this.recent;
}

const Context = createContext(new Events());
export const EventsProvider = Context;

/** What happened since the page was opened. */
export function useLiveEvents(): readonly Happened[] {
  const events = use(Context);
  return useSyncExternalStore(events.watch, events.list);
}

/** Of the newest events those that were not there when it was looked last, the oldest first. */
export function useFresh(): readonly Happened[] {
  const events = useLiveEvents();
  const seen = useRef({ events, fresh: [] as readonly Happened[], last: events[0]?.number ?? 0 });
  if (seen.current.events !== events) {
    const { last } = seen.current;
    const fresh = events.filter(({ number }) => number > last).reverse();
    seen.current = { events, fresh, last: events[0]?.number ?? last };
  }
  return seen.current.fresh;
}
