// The address of the list of meetings: what it shows.

import * as v from 'valibot';
import type { Formats } from '../../lib/formats';
import { holds } from '../../lib/collate';
import { STATE_NAMES, type Meeting } from './model';

/** A part of an address that makes no sense is left out, the page comes all the same. */
const optional = <T extends v.GenericSchema<string, string>>(schema: T) => v.fallback(v.optional(schema), undefined);
const day = v.pipe(v.string(), v.isoDate());

export const MeetingsSearch = v.object({
  state: v.fallback(v.optional(v.picklist(STATE_NAMES)), undefined),
  q: optional(v.string()),
  view: v.fallback(v.optional(v.literal('timeline')), undefined),
  from: optional(day),
  to: optional(day),
});

export type MeetingsSearch = v.InferOutput<typeof MeetingsSearch>;

/** Whether all pages are needed, because the server does not filter by this. */
export const needsAll = ({ q, from, view }: MeetingsSearch): boolean => Boolean(q || from || view === 'timeline');

/** What is left of the meetings; `days` writes days as the address does, in the reader's zone. */
export function select(meetings: readonly Meeting[], { q, from, to }: MeetingsSearch, days: Formats): readonly Meeting[] {
  if (!q && !from) return meetings;
  return meetings.filter(
    ({ name, date_time, end_time }) =>
      (!q || holds(name, q)) && (!from || !to || (days.iso(date_time) <= to && days.iso(end_time) >= from)),
  );
}
