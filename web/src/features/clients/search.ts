// The address of the clients: whom it shows, and how.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import type { Filter } from './api';
import { SOURCE_NAMES, STATE_NAMES } from './model';

export const ClientsSearch = v.object({
  state: optional(v.picklist(STATE_NAMES)),
  q: optional(v.string()),
  source: optional(v.picklist(SOURCE_NAMES)),
  room: optional(v.string()),
  /** The list without it. */
  view: optional(v.picklist(['board', 'seats', 'figures', 'problems'])),
  /** Of figures: how far back they go; thirty days without it. */
  period: optional(v.picklist(['day', 'week', 'quarter'])),
  make: optional(v.picklist(['client', 'import'])),
});

export type ClientsSearch = v.InferOutput<typeof ClientsSearch>;
export type Period = NonNullable<ClientsSearch['period']> | 'month';
export type View = NonNullable<ClientsSearch['view']> | 'list';

export const NONE = { state: undefined, q: undefined, source: undefined, room: undefined } satisfies Partial<ClientsSearch>;

export function toFilter({ state, q, source, room }: ClientsSearch): Filter {
  const words = q?.trim();
  return { ...(state && { state }), ...(words && { q: words }), ...(source && { source }), ...(room && { room }) };
}
