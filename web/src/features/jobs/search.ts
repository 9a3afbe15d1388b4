// The addresses of the lists of jobs and schedules: what they show.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import type { Filter } from './api';
import { STATE_NAMES } from './model';

export const JobsSearch = v.object({
  state: optional(v.picklist(STATE_NAMES)),
  kind: optional(v.string()),
  queue: optional(v.string()),
  q: optional(v.string()),
});

export type JobsSearch = v.InferOutput<typeof JobsSearch>;

export const SchedulesSearch = v.object({
  /** The name of the one that is being changed. */
  change: optional(v.string()),
});

export function toFilter({ state, kind, queue, q }: JobsSearch): Filter {
  const search = q?.trim();
  return { ...(state && { state }), ...(kind && { kind }), ...(queue && { queue }), ...(search && { search }) };
}
