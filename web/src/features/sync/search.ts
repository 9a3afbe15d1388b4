// The addresses of the sources: what a page of one shows.

import * as v from 'valibot';
import { optional } from '../../lib/search';

export const SyncSearch = v.object({
  /** Whether a new source is being made. */
  make: optional(v.literal('source')),
});

export const PARTS = ['run', 'history', 'quarantine', 'settings'] as const;
export type Part = (typeof PARTS)[number];

export const SourceSearch = v.object({
  part: optional(v.picklist(PARTS)),
  /** A run of the history; the last one without it. */
  run: optional(v.number()),
});
