// Webhooks as the API has them: where events go, and what was sent there.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';
import { keys } from './keys';

type Schemas = components['schemas'];
export type Webhook = Schemas['Webhook'];
export type WebhookState = Schemas['WebhookState'];
export type NewWebhook = Schemas['NewWebhook'];
export type Patch = Schemas['WebhookPatch'];
export type Made = Schemas['MadeWebhook'];
export type Delivery = Schemas['WebhookDelivery'];
export type DeliveryState = Schemas['WebhookDeliveryState'];
/** Headers are whatever each side sends. */
export type Attempt = Omit<Schemas['WebhookAttempt'], 'request_headers' | 'response_headers'> & { request_headers?: unknown; response_headers?: unknown };
export type DeliveryDetail = Delivery & { body: string; log: Attempt[] };
export type Filter = Pick<NonNullable<operations['list_webhook_deliveries']['parameters']['query']>, 'state' | 'event'>;

/** What a webhook may ask for, with an example. */
export interface EventView {
  name: string;
  about: string;
  example?: unknown;
}

export interface DeliveryPage {
  items: Delivery[];
  next_cursor?: string | null;
}

const PAGE = 100;
/** Another process that sends tells nobody here. */
const BUSY_MS = 3_000;
const IDLE_MS = 30_000;

const pace = (webhooks: readonly Webhook[]): number => (webhooks.some(({ state, waiting }) => state === 'on' && waiting > 0) ? BUSY_MS : IDLE_MS);

export const listWebhooks = () =>
  queryOptions({
    queryKey: keys.list,
    queryFn: async ({ signal }): Promise<Webhook[]> => (await answer(api.GET('/api/v1/webhooks', { signal }))).items,
    refetchInterval: ({ state: { data } }) => pace(data ?? []),
  });

/** They are those of the program, so they stay. */
export const listEvents = () =>
  queryOptions({ queryKey: keys.events, queryFn: async ({ signal }): Promise<EventView[]> => (await answer(api.GET('/api/v1/webhooks/events', { signal }))).items, staleTime: Infinity });

const at = (id: string) => ({ params: { path: { id } } });

export const oneWebhook = (id: string) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }): Promise<Webhook> => answer(api.GET('/api/v1/webhooks/{id}', { ...at(id), signal })),
    refetchInterval: ({ state: { data } }) => pace(data ? [data] : []),
  });

/** The newest first. */
export const listDeliveries = (id: string, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.deliveries(id), filter],
    queryFn: ({ pageParam, signal }): Promise<DeliveryPage> =>
      answer(api.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { ...filter, limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

const of = (id: string, delivery_id: number) => ({ params: { path: { id, delivery_id } } });

export const oneDelivery = (id: string, delivery: number) =>
  queryOptions({
    queryKey: keys.delivery(id, delivery),
    queryFn: ({ signal }): Promise<DeliveryDetail> => answer(api.GET('/api/v1/webhooks/{id}/deliveries/{delivery_id}', { ...of(id, delivery), signal })),
    refetchInterval: ({ state: { data } }) => (data?.state === 'waiting' ? BUSY_MS : false),
  });

export const createWebhook = (body: NewWebhook): Promise<Made> => answer(api.POST('/api/v1/webhooks', { body }));
/** May be called while the page goes, so it outlives it. */
export const changeWebhook = (id: string, body: Patch): Promise<Webhook> => answer(api.PATCH('/api/v1/webhooks/{id}', { ...at(id), body, keepalive: true }));
export const deleteWebhook = (id: string) => answer(api.DELETE('/api/v1/webhooks/{id}', { ...at(id), keepalive: true }));
export const renewSecret = (id: string): Promise<Made> => answer(api.POST('/api/v1/webhooks/{id}/secret', at(id)));
/** Sent to each, whatever it asks for. */
export const TEST = 'webhook.test';
export const testWebhook = (id: string, event: string): Promise<DeliveryDetail> =>
  answer(api.POST('/api/v1/webhooks/{id}/test', { ...at(id), body: { event: event === TEST ? null : event } }));
export const redeliver = (id: string, delivery: number): Promise<DeliveryDetail> => answer(api.POST('/api/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver', of(id, delivery)));
export const skip = (id: string, delivery: number): Promise<DeliveryDetail> =>
  answer(api.POST('/api/v1/webhooks/{id}/deliveries/{delivery_id}/skip', { ...of(id, delivery), keepalive: true }));
