// Clients as the API has them: who may connect, who is connected, paused or blocked, and what happened to them.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';

type Schemas = components['schemas'];
export type Client = Schemas['Client'];
export type ClientState = Schemas['ClientState'];
export type ClientSource = Schemas['ClientSource'];
export type ClientPage = Schemas['ClientPage'];
export type ClientEvent = Schemas['ClientEvent'];
export type Place = Schemas['ClientPlace'];
export type Totals = Schemas['ClientTotals'];
export type Bulk = Schemas['ClientBulk'];
export type BulkAnswers = Schemas['ClientBulkAnswers'];
export type Imported = Schemas['ClientImport'];
export type ImportChange = Schemas['ClientImportChange'];
export type Assignments = Schemas['ClientAssignments'];
export type Analytics = Schemas['ClientAnalytics'];
export type FiguresOfTime = Schemas['ClientFiguresOfTime'];
export type FiguresOfRoom = Schemas['ClientFiguresOfRoom'];
export type Asked = NonNullable<operations['get_client_analytics']['parameters']['query']>;
export type Seat = Schemas['ClientSeat'];
export type Problem = Schemas['ClientsProblem'];
export type Photo = Schemas['ClientPhoto'];
export type Filter = Pick<NonNullable<operations['list_clients']['parameters']['query']>, 'state' | 'q' | 'source' | 'room'>;

/** What a pause or a block says, and a closing as far as it can. */
export interface Terms {
  reason: string;
  until?: string | null;
}

const PAGE = 200;
/** The most that an answer holds, and that an order is about. */
const LARGE_PAGE = 1_000;
export const MOST_AT_ONCE = 10_000;
const EVENTS = 100;
const BOARD = 60;
const FIGURES_MS = 60_000;
/** Another server of the house tells nobody here. */
const PROBLEMS_MS = 60_000;

export const keys = {
  all: ['clients'] as const,
  lists: ['clients', 'list'] as const,
  totals: ['clients', 'totals'] as const,
  ones: ['clients', 'one'] as const,
  one: (username: string) => ['clients', 'one', username] as const,
  seats: ['clients', 'seats'] as const,
  analytics: ['clients', 'analytics'] as const,
  problems: ['clients', 'problems'] as const,
  events: (username: string) => ['clients', 'one', username, 'events'] as const,
};

type Query = NonNullable<operations['list_clients']['parameters']['query']>;

const page = (query: Query, signal?: AbortSignal): Promise<ClientPage> =>
  answer(api.GET('/api/v1/clients', { params: { query }, ...(signal && { signal }) }));

/** Clients page by page, by their usernames. */
export const listClients = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam, signal }) => page({ ...filter, limit: PAGE, ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

/** The beginning of a column of the board: whoever was seen last. */
export const boardColumn = (state: ClientState) =>
  queryOptions({ queryKey: [...keys.lists, 'board', state], queryFn: ({ signal }): Promise<ClientPage> => page({ state, sort: '-last_seen', limit: BOARD }, signal), staleTime: 0 });

/** How many there are in each state. */
export const totals = () =>
  queryOptions({ queryKey: keys.totals, queryFn: async ({ signal }): Promise<Totals> => (await page({ limit: 1 }, signal)).totals });

/** All that a filter finds, as far as one order may be about them. */
export async function allClients(filter: Filter): Promise<Client[]> {
  const found: Client[] = [];
  let cursor: string | null | undefined = '';
  do {
    const { items, next_cursor }: ClientPage = await page({ ...filter, limit: LARGE_PAGE, ...(cursor && { cursor }) });
    found.push(...items);
    cursor = next_cursor;
  } while (cursor && found.length < MOST_AT_ONCE);
  return found.slice(0, MOST_AT_ONCE);
}

const at = (username: string) => ({ params: { path: { username } } });

export const oneClient = (username: string) =>
  queryOptions({ queryKey: keys.one(username), queryFn: ({ signal }): Promise<Client> => answer(api.GET('/api/v1/clients/{username}', { ...at(username), signal })) });

const eventPage = (username: string, query: { limit: number; cursor?: string }, signal?: AbortSignal) =>
  answer(api.GET('/api/v1/clients/{username}/events', { params: { path: { username }, query }, ...(signal && { signal }) }));

/** What happened to a client, the newest first. */
export const listEvents = (username: string) =>
  infiniteQueryOptions({
    queryKey: keys.events(username),
    queryFn: ({ pageParam, signal }) => eventPage(username, { limit: EVENTS, ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

export const newestEvent = async (username: string): Promise<ClientEvent | undefined> => (await eventPage(username, { limit: 1 })).items[0];

export const addClient = (body: { username: string; name?: string }): Promise<Client> => answer(api.POST('/api/v1/clients', { body }));
export const removeClient = (username: string) => answer(api.DELETE('/api/v1/clients/{username}', at(username)));

export const pause = (username: string, body: Schemas['ClientTerms']): Promise<Client> => answer(api.POST('/api/v1/clients/{username}/pause', { ...at(username), body }));
export const resume = (username: string, body: Schemas['ClientSeen']): Promise<Client> => answer(api.POST('/api/v1/clients/{username}/resume', { ...at(username), body }));
export const block = (username: string, body: Schemas['ClientTerms']): Promise<Client> => answer(api.POST('/api/v1/clients/{username}/block', { ...at(username), body }));
export const unblock = (username: string, body: Schemas['ClientSeen']): Promise<Client> => answer(api.POST('/api/v1/clients/{username}/unblock', { ...at(username), body }));
export const disconnect = (username: string, body: Schemas['ClientDisconnect']): Promise<Client> =>
  answer(api.POST('/api/v1/clients/{username}/disconnect', { ...at(username), body }));

export const orderMany = (body: Bulk): Promise<BulkAnswers> => answer(api.POST('/api/v1/clients/bulk', { body }));

/** How many were connected and what happened, by hour or day. */
export const analytics = (asked: Asked) =>
  queryOptions({
    queryKey: [...keys.analytics, asked],
    queryFn: ({ signal }): Promise<Analytics> => answer(api.GET('/api/v1/clients/analytics', { params: { query: { ...asked, format: 'json' } }, signal })) as Promise<Analytics>,
    refetchInterval: FIGURES_MS,
  });

export const analyticsAddress = (asked: Asked): string => `/api/v1/clients/analytics?${new URLSearchParams({ ...(asked as Record<string, string>), format: 'csv' })}`;

/** What files, Redis and the folder of clients could not take. */
export const problems = () =>
  queryOptions({ queryKey: keys.problems, queryFn: ({ signal }) => answer(api.GET('/api/v1/clients/problems', { signal })), refetchInterval: PROBLEMS_MS });

/** The photo of a client; another one has another address. */
export const photoAddress = (username: string, { modified_at }: Photo): string => `/api/v1/clients/${encodeURIComponent(username)}/photo?${new URLSearchParams({ of: modified_at })}`;

/** Who is to sit where. */
export const assignments = () =>
  queryOptions({ queryKey: keys.seats, queryFn: ({ signal }): Promise<Assignments> => answer(api.GET('/api/v1/clients/assignments', { signal })) });

export const assign = (body: Schemas['ClientAssign']): Promise<Client> => answer(api.POST('/api/v1/clients/assignments/assign', { body }));
export const unassign = (body: Schemas['ClientUnassign']): Promise<Client> => answer(api.POST('/api/v1/clients/assignments/unassign', { body }));
export const setCapacity = (body: Schemas['ClientCapacity']): Promise<Assignments> => answer(api.POST('/api/v1/clients/assignments/capacity', { body }));

const isJson = ({ name, type }: File): boolean => name.toLowerCase().endsWith('.json') || type === 'application/json';

/** Takes clients from a file, CSV or JSON, or only tells what that would change. */
export const importClients = (file: File, preview: boolean): Promise<Imported> =>
  answer(
    api.POST('/api/v1/clients/import', {
      params: { query: { preview } },
      body: '',
      bodySerializer: () => file,
      headers: { 'content-type': isJson(file) ? 'application/json' : 'text/csv' },
    }),
  );
