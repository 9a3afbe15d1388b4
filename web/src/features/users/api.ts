// People as the API has them, for admins.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import type { Role } from '../../lib/user';
import type { PersonState } from './model';

export type Person = components['schemas']['UserView'];
export type NewPerson = components['schemas']['NewUser'];
export type PersonPatch = components['schemas']['UserPatch'];

const PAGE = 200;
const MOST = 1_000;
const FOUND = 20;

export const keys = {
  all: ['users'] as const,
  one: (id: string) => ['users', 'one', id] as const,
};

export interface Filter {
  q?: string | undefined;
  role?: Role | undefined;
  state?: PersonState | undefined;
}

/** People page by page, by e-mail address. */
export const listPeople = ({ q, role, state }: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.all, 'list', q ?? '', role ?? '', state ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(q && { query: q }), ...(role && { role }), ...(state && { state }), ...(pageParam && { cursor: pageParam }) };
      return answer(api.GET('/api/v1/users', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** The first of those whose name or address holds a text. */
export const findPeople = (text: string) =>
  queryOptions({
    queryKey: [...keys.all, 'found', text],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/users', { params: { query: { limit: FOUND, ...(text && { query: text }) } }, signal })),
    placeholderData: keepPreviousData,
  });

/** As many as one answer gives, for looking up by name. */
export const somePeople = () =>
  queryOptions({
    queryKey: [...keys.all, 'some'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/users', { params: { query: { limit: MOST } }, signal })),
  });

const at = (id: string) => ({ params: { path: { id } } });

export const onePerson = (id: string) =>
  queryOptions({ queryKey: keys.one(id), queryFn: ({ signal }) => answer(api.GET('/api/v1/users/{id}', { ...at(id), signal })) });

/** What a link is for, and until when; its key is the last part of its address, and is forgotten with the page. */
export const oneLink = (url: string) => {
  const key = url.split('/').at(-1) ?? '';
  return queryOptions({
    queryKey: ['links', key],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/auth/links/{key}', { params: { path: { key } }, signal })),
    gcTime: 0,
  });
};

export const createPerson = (body: NewPerson) => answer(api.POST('/api/v1/users', { body }));
export const changePerson = (id: string, body: PersonPatch) => answer(api.PATCH('/api/v1/users/{id}', { ...at(id), body }));
export const blockPerson = (id: string, reason: string) => answer(api.POST('/api/v1/users/{id}/block', { ...at(id), body: { reason } }));
export const unblockPerson = (id: string) => answer(api.POST('/api/v1/users/{id}/unblock', at(id)));
export const removePerson = (id: string) => answer(api.DELETE('/api/v1/users/{id}', at(id)));
export const signOutPerson = (id: string) => answer(api.POST('/api/v1/users/{id}/sign-out', at(id)));
export const makeResetLink = (id: string) => answer(api.POST('/api/v1/users/{id}/reset-link', at(id)));
