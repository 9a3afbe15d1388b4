// One's inbox as the API has it: what one is told, what of it was seen, what sleeps.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

type Schemas = components['schemas'];
/** What a domain says of an event is its own. */
export type Line = Omit<Schemas['Notification'], 'data'> & { data?: unknown };

export interface LinePage {
  items: Line[];
  next_cursor?: string | null;
}

export const PAGE = 100;

export const keys = {
  all: ['inbox'] as const,
  lists: ['inbox', 'list'] as const,
  count: ['inbox', 'count'] as const,
};

export const listInbox = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, unread],
    queryFn: ({ pageParam, signal }): Promise<LinePage> =>
      answer(api.GET('/api/v1/notifications', { params: { query: { limit: PAGE, ...(unread && { unread }), ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

/** How many one has not seen. */
export const countUnread = () => queryOptions({ queryKey: keys.count, queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/notifications/count', { signal }))).unread });

/** What is opened is seen while the page goes. */
export const see = (ids: number[], until: string | null = null) => answer(api.POST('/api/v1/notifications/seen', { body: { ids, until }, keepalive: true }));

const at = (id: number) => ({ params: { path: { id } }, keepalive: true });

/** Both may be called while the page goes, so they outlive it. */
export const snooze = (id: number, until: string) => answer(api.POST('/api/v1/notifications/{id}/snooze', { ...at(id), body: { until } }));
export const remove = (id: number) => answer(api.DELETE('/api/v1/notifications/{id}', at(id)));
