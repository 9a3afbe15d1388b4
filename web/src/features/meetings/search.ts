// The address of the list of meetings: what it shows.

import * as v from 'valibot';
import type { Formats } from '../../lib/formats';
import { day, optional } from '../../lib/search';
import type { Filter } from './api';
import { STATE_NAMES } from './model';

const ORDERS = ['-end_time', 'end_time', '-date_time', 'date_time', 'name', '-name'] as const;
export type Order = (typeof ORDERS)[number];
/** What ends last comes first, when nobody says otherwise. */
export const FIRST_ORDER: Order = '-end_time';

export const MeetingsSearch = v.object({
  state: optional(v.picklist(STATE_NAMES)),
  q: optional(v.string()),
  view: optional(v.literal('timeline')),
  from: optional(day),
  to: optional(day),
  sort: optional(v.picklist(ORDERS)),
});

export type MeetingsSearch = v.InferOutput<typeof MeetingsSearch>;

/** What the server is asked for; days are the reader's own, from midnight to midnight. */
export function toFilter({ state, q, from, to, sort, view }: MeetingsSearch, days: Formats): Filter {
  const search = q?.trim();
  const isStrip = view === 'timeline';
  const today = isStrip ? days.iso(Date.now()) : undefined;
  const [first, last] = [from ?? today, (isStrip ? from : to) ?? today];
  return {
    ...(!isStrip && state && { state: [state] }),
    ...(search && { search }),
    ...(first && last && { from: days.bounds(first).begins, to: days.bounds(last).ends }),
    ...(!isStrip && sort && sort !== FIRST_ORDER && { sort }),
  };
}
