// The newest live events, for whoever shows them.

import { createContext, use, useSyncExternalStore } from 'react';
import type { LiveEvent } from '../api/events';

export interface Happened {
  number: number;
  at: number;
  event: LiveEvent;
}

const KEPT = 50;

/** News for the pages that it concerns, and for nobody's list. */
const QUIET: ReadonlySet<LiveEvent['type']> = new Set(['session_ended', 'settings.changed']);

export class Events {
  private recent: readonly Happened[] = [];
  private readonly watchers = new Set<() => void>();
  private count = 0;

  readonly add = (event: LiveEvent): void => {
    if (QUIET.has(event.type)) return;
    this.count += 1;
    this.recent = [{ number: this.count, at: Date.now(), event }, ...this.recent].slice(0, KEPT);
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

export function useRecentEvents(): readonly Happened[] {
  const events = use(Context);
  return useSyncExternalStore(events.watch, events.list);
}
