// The address of the inbox: which of its lines it shows.

import * as v from 'valibot';
import { optional } from '../../lib/search';

/** What can be told of, by the names that the server has for it. */
export const KIND_NAMES = ['task', 'document', 'file', 'source', 'backup', 'webhook'] as const;
export type Kind = (typeof KIND_NAMES)[number];

export const InboxSearch = v.object({
  show: optional(v.literal('unread')),
  kind: optional(v.picklist(KIND_NAMES)),
});

export type InboxSearch = v.InferOutput<typeof InboxSearch>;
