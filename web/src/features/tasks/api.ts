// Tasks as the API has them: what is to be done, by whom, until when, and what is said about it.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';

type Schemas = components['schemas'];
export type Task = Schemas['Task'];
export type Detail = Schemas['TaskDetail'];
export type Status = Schemas['TaskStatus'];
export type Priority = Schemas['TaskPriority'];
export type Check = Schemas['TaskCheck'];
export type TaskPage = Schemas['TaskPage'];
export type Patch = Schemas['TaskPatch'];
export type NewTask = Schemas['NewTask'];
export type Place = Schemas['TaskPlace'];
export type Bulk = Schemas['TaskBulk'];
export type BulkAnswers = Schemas['TaskBulkAnswers'];
export type Comment = Schemas['Comment'];
export type Activity = Schemas['TaskActivity'];
export type Named = Schemas['NamedPerson'];
/** Somebody who can be given a task. */
export type Person = Named & { id: string };
type Query = NonNullable<operations['list_tasks']['parameters']['query']>;
export type Filter = Pick<Query, 'q' | 'status' | 'priority' | 'assignee' | 'label' | 'due_after' | 'due_before' | 'overdue'>;
export type Sort = '-number' | 'due' | '-priority' | '-updated' | 'rank';

const PAGE = 200;
/** The most that an answer holds, and the most that one order is about. */
export const LARGE_PAGE = 1_000;
export const MOST_AT_ONCE = 500;
const SAID = 200;

export const keys = {
  all: ['tasks'] as const,
  lists: ['tasks', 'list'] as const,
  labels: ['tasks', 'labels'] as const,
  one: (name: string) => ['tasks', 'one', name] as const,
  comments: (name: string) => ['tasks', 'one', name, 'comments'] as const,
  activity: (name: string) => ['tasks', 'one', name, 'activity'] as const,
};

/** Tasks page by page. */
export const listTasks = (filter: Filter, sort: Sort = '-number', limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter, sort, limit],
    queryFn: ({ pageParam, signal }): Promise<TaskPage> =>
      answer(api.GET('/api/v1/tasks', { params: { query: { ...filter, sort, limit, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

export const listLabels = () => queryOptions({ queryKey: keys.labels, queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/tasks/labels', { signal }))).items });

const people = (q: string, signal?: AbortSignal) => answer(api.GET('/api/v1/tasks/people', { params: { query: { q } }, ...(signal && { signal }) }));

/** People whose name or address holds these words. */
export const findPeople = (q: string) =>
  queryOptions({ queryKey: ['tasks', 'people', q], queryFn: async ({ signal }): Promise<Named[]> => (await people(q, signal)).items, placeholderData: keepPreviousData });

export const peopleNamed = async (q: string): Promise<Named[]> => (await people(q)).items;

const at = (id: string) => ({ params: { path: { id } } });

/** By id or number. */
export const oneTask = (name: string) => queryOptions({ queryKey: keys.one(name), queryFn: ({ signal }): Promise<Detail> => answer(api.GET('/api/v1/tasks/{id}', { ...at(name), signal })) });

export const listComments = (name: string) =>
  infiniteQueryOptions({
    queryKey: keys.comments(name),
    queryFn: ({ pageParam, signal }) => answer(api.GET('/api/v1/tasks/{id}/comments', { params: { path: { id: name }, query: { limit: SAID, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

export const listActivity = (name: string) =>
  infiniteQueryOptions({
    queryKey: keys.activity(name),
    queryFn: ({ pageParam, signal }) => answer(api.GET('/api/v1/tasks/{id}/activity', { params: { path: { id: name }, query: { limit: 30, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

export const createTask = (body: NewTask): Promise<Task> => answer(api.POST('/api/v1/tasks', { body }));
export const changeTask = (id: string, body: Patch): Promise<Task> => answer(api.PATCH('/api/v1/tasks/{id}', { ...at(id), body }));
export const moveTask = (id: string, body: Place): Promise<Task> => answer(api.POST('/api/v1/tasks/{id}/move', { ...at(id), body }));
export const changeMany = (body: Bulk): Promise<BulkAnswers> => answer(api.POST('/api/v1/tasks/bulk', { body }));
export const restoreTask = (id: string): Promise<Task> => answer(api.POST('/api/v1/tasks/{id}/restore', at(id)));

export const say = (id: string, body: Schemas['NewComment']): Promise<Comment> => answer(api.POST('/api/v1/tasks/{id}/comments', { ...at(id), body }));
export const rephrase = (id: string, comment_id: string, body: Schemas['CommentPatch']): Promise<Comment> =>
  answer(api.PATCH('/api/v1/tasks/{id}/comments/{comment_id}', { params: { path: { id, comment_id } }, body }));
export const takeBack = (id: string, comment_id: string) => answer(api.DELETE('/api/v1/tasks/{id}/comments/{comment_id}', { params: { path: { id, comment_id } } }));
