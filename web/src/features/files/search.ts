// The address of the files: which ones it shows.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import type { Filter } from './api';
import { KIND_NAMES, STATE_NAMES } from './kinds';

export const FilesSearch = v.object({
  q: optional(v.string()),
  kind: optional(v.picklist(KIND_NAMES)),
  state: optional(v.picklist(STATE_NAMES)),
  /** One's own, or those that were deleted; all of them without it. */
  show: optional(v.picklist(['mine', 'deleted'])),
});

export type FilesSearch = v.InferOutput<typeof FilesSearch>;

export const NONE = { q: undefined, kind: undefined, state: undefined, show: undefined } satisfies FilesSearch;

export function toFilter({ q, kind, state, show }: FilesSearch): Filter {
  const words = q?.trim();
  return { ...(words && { q: words }), ...(kind && { kind }), ...(state && { state }), ...(show === 'mine' && { mine: true }), ...(show === 'deleted' && { deleted: true }) };
}
