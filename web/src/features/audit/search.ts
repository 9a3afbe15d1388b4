// The address of the audit: which changes it shows.

import * as v from 'valibot';
import type { Formats } from '../../lib/formats';
import { day, optional } from '../../lib/search';
import type { Filter } from './api';

export const AuditSearch = v.object({
  /** The id of a person or token. */
  who: optional(v.string()),
  /** An action such as `meeting.stop`, or its first part. */
  what: optional(v.string()),
  kind: optional(v.string()),
  id: optional(v.string()),
  from: optional(day),
  to: optional(day),
});

export type AuditSearch = v.InferOutput<typeof AuditSearch>;

/** Days are the reader's own. */
export function toFilter({ who, what, kind, id, from, to }: AuditSearch, formats: Formats): Filter {
  return {
    ...(who && { actor: who }),
    ...(what && { action: what }),
    ...(kind && { target_kind: kind }),
    ...(id && { target_id: id }),
    ...(from && { from: formats.bounds(from).begins }),
    ...(to && { until: formats.bounds(to).ends }),
  };
}
