// What those share who follow live events.

import type { InfiniteData } from '@tanstack/react-query';
import type { LiveEvent } from '../api/events';

const GATHER_MS = 100;

/** Many events come at once when a hundred meetings begin; one reading serves all that come within `wait`. */
export function gather(read: () => void, wait = GATHER_MS): () => void {
  let timer = 0;
  const run = () => {
    timer = 0;
    read();
  };
  return () => {
    timer ||= window.setTimeout(run, wait);
  };
}

/** A list of more pages is not read anew at every change. */
const WHOLE_PAGES = 3;

export const isLong = ({ state }: { state: { data?: unknown } }): boolean => ((state.data as InfiniteData<unknown> | undefined)?.pages?.length ?? 0) > WHOLE_PAGES;

/** Whether something was written to the audit whose action begins with one of these. */
export const isAbout = (event: LiveEvent, ...subjects: string[]): boolean => event.type === 'audited' && subjects.includes(event.action.split('.')[0] ?? '');
