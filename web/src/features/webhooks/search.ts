// The addresses of webhooks: what lies over the list, and which deliveries one shows.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import type { Filter } from './api';

export const DELIVERY_STATE_NAMES = ['waiting', 'delivered', 'dead'] as const;

export const WebhooksSearch = v.object({ make: optional(v.literal('webhook')) });

export const WebhookSearch = v.object({
  state: optional(v.picklist(DELIVERY_STATE_NAMES)),
  event: optional(v.string()),
  /** The delivery that is looked at. */
  delivery: optional(v.number()),
  /** What lies over the page. */
  over: optional(v.picklist(['settings', 'test', 'secret'])),
});

export type WebhookSearch = v.InferOutput<typeof WebhookSearch>;

export const toFilter = ({ state, event }: WebhookSearch): Filter => ({ ...(state && { state }), ...(event && { event }) });
