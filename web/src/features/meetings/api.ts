// Meetings as the API has them: what is asked, under which key it is kept, what is called.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';
import type { MeetingState } from './model';

export type NewMeeting = components['schemas']['NewMeeting'];
/** Which meetings a list has, and in which order. */
export type Filter = Omit<NonNullable<operations['list_meetings']['parameters']['query']>, 'limit' | 'cursor'>;

const PAGE = 200;
const MOST = 1_000;
const FOUND = 20;

/** `state=running,held`, as the API writes lists. */
const querySerializer = { array: { style: 'form', explode: false } } as const;

export const keys = {
  all: ['meetings'] as const,
  lists: ['meetings', 'list'] as const,
  one: (id: string) => ['meetings', 'one', id] as const,
  people: (id: string) => ['meetings', 'people', id] as const,
  plan: ['meetings', 'plan'] as const,
};

const read = (query: operations['list_meetings']['parameters']['query'], signal: AbortSignal) =>
  answer(api.GET('/api/v1/meetings', { params: { query }, querySerializer, signal }));

/** The meetings of a list, page by page; while another is read, the one before stays. */
export const listMeetings = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam, signal }) => read({ limit: PAGE, ...filter, ...(pageParam && { cursor: pageParam }) }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** The first of those whose names hold a text; the newest when there is none. */
export const findMeetings = (search: string) =>
  queryOptions({
    queryKey: [...keys.all, 'found', search],
    queryFn: ({ signal }) => read({ limit: FOUND, ...(search && { search }) }, signal),
    placeholderData: keepPreviousData,
  });

/** Meetings in some states, as many as the API gives at once. */
export const meetingsIn = (...state: MeetingState[]) =>
  queryOptions({ queryKey: [...keys.all, 'in', ...state], queryFn: ({ signal }) => read({ state, limit: MOST }, signal) });

/** What comes next; its totals are those of all meetings. */
export const nextMeeting = () =>
  queryOptions({
    queryKey: [...keys.all, 'next'],
    queryFn: ({ signal }) => read({ state: ['scheduled'], sort: 'date_time', limit: 1 }, signal),
  });

/** How often it is looked what a room takes, which no event tells. */
const LOOK_MS = 5_000;

export const oneMeeting = (id: string) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.pid ? LOOK_MS : false),
  });

export const people = (id: string) =>
  queryOptions({
    queryKey: [...keys.people(id), 'now'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/{id}/participants', { params: { path: { id } }, signal })),
  });

export const attendance = (id: string) =>
  queryOptions({
    queryKey: [...keys.people(id), 'all'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/{id}/attendance', { params: { path: { id } }, signal })),
  });

/** What the supervisor would do about one meeting. */
export const planOf = (meeting: string) =>
  queryOptions({
    queryKey: [...keys.plan, meeting],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/plan', { params: { query: { meeting } }, signal })),
  });

/** How the source does, with the meetings that are held because of it. */
export const source = () =>
  queryOptions({
    queryKey: [...keys.plan, 'held'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/plan', { params: { query: { action: 'hold' } }, signal })),
  });

const at = (id: string) => ({ params: { path: { id } } });

export const createMeeting = (body: NewMeeting) => answer(api.POST('/api/v1/meetings', { body }));
export const startMeeting = (id: string) => answer(api.POST('/api/v1/meetings/{id}/start', at(id)));
/** May be called while the page goes, so it outlives it. */
export const stopMeeting = (id: string) => answer(api.POST('/api/v1/meetings/{id}/stop', { ...at(id), keepalive: true }));
export const extendMeeting = (id: string, minutes: number) =>
  answer(api.POST('/api/v1/meetings/{id}/extend', { ...at(id), body: { minutes } }));
export const endMeetingAt = (id: string, end_time: string) =>
  answer(api.PATCH('/api/v1/meetings/{id}', { ...at(id), body: { end_time } }));
export const removeMeeting = (id: string) => answer(api.DELETE('/api/v1/meetings/{id}', at(id)));
export const enterMeeting = (id: string) => answer(api.POST('/api/v1/meetings/{id}/join', { ...at(id), body: {} }));
/** The document that the minutes became; made now when there is none. */
export const writeMinutes = (id: string) => answer(api.POST('/api/v1/meetings/{id}/minutes', at(id)));
export const pollSource = () => answer(api.POST('/api/v1/meetings/refresh'));
/** The log's end; only who follows it gets a stream instead. */
export const readLog = async (id: string, lines: number) =>
  (await answer(
    api.GET('/api/v1/meetings/{id}/logs', { params: { path: { id }, query: { lines, follow: false } } }),
  )) as components['schemas']['LogTail'];
