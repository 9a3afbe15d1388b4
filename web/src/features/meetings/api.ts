// Meetings as the API has them: what is asked, under which key it is kept, what is called.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import type { MeetingState } from './model';

export type NewMeeting = components['schemas']['NewMeeting'];

const PAGE = 200;
const MOST = 1_000;

export const keys = {
  all: ['meetings'] as const,
  lists: ['meetings', 'list'] as const,
  one: (id: string) => ['meetings', 'one', id] as const,
  people: (id: string) => ['meetings', 'people', id] as const,
  plan: ['meetings', 'plan'] as const,
};

/** All meetings, page by page, the latest end first. */
export const listMeetings = (state?: MeetingState) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, state ?? 'all'],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(state && { state }), ...(pageParam && { cursor: pageParam }) };
      return answer(api.GET('/api/v1/meetings', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** As many as one answer gives, for looking up by name. */
export const recentMeetings = () =>
  queryOptions({
    queryKey: [...keys.all, 'recent'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings', { params: { query: { limit: MOST } }, signal })),
  });

/** Meetings in one state, as many as the API gives at once. */
export const meetingsIn = (state: MeetingState) =>
  queryOptions({
    queryKey: [...keys.all, 'in', state],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings', { params: { query: { state, limit: MOST } }, signal })),
  });

export const oneMeeting = (id: string) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/{id}', { params: { path: { id } }, signal })),
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

export const plan = () =>
  queryOptions({ queryKey: keys.plan, queryFn: ({ signal }) => answer(api.GET('/api/v1/meetings/plan', { signal })) });

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
export const pollSource = () => answer(api.POST('/api/v1/meetings/refresh'));
export const readLog = (id: string, lines: number) =>
  answer(api.GET('/api/v1/meetings/{id}/logs', { params: { path: { id }, query: { lines, follow: false } } }));
