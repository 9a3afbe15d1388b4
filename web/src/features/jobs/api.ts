// Background jobs as the API has them: jobs, their logs, queues, workers and schedules.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';
import { isLong } from '../../lib/live';

type Schemas = components['schemas'];
/** Arguments and results are whatever a kind of job makes of them. */
export type Job = Omit<Schemas['Job'], 'args' | 'result'> & { args?: unknown; result?: unknown };
export type JobDetail = Job & { failed_attempts: Attempt[] };
export type Attempt = Schemas['Attempt'];
export type LogLine = Schemas['LogLine'];
export type JobState = Schemas['JobState'];
export type Queue = Schemas['Queue'];
export type QueuePatch = Partial<Schemas['QueuePatch']>;
export type Worker = Schemas['WorkerView'];
export type Schedule = Omit<Schemas['ScheduleView'], 'args'> & { args?: unknown };
export type SchedulePatch = Partial<Schemas['SchedulePatch']>;
export type CatchUp = Schemas['CatchUp'];
/** Which jobs a list has, and which an order for many is for. */
export type Filter = Pick<NonNullable<operations['list_jobs']['parameters']['query']>, 'state' | 'kind' | 'queue' | 'search'>;

export interface JobPage {
  items: Job[];
  next_cursor?: string | null;
  total: number;
}

export const PAGE = 100;
/** Workers of other processes tell nobody, so while something is to be done one looks again and again. */
const BUSY_MS = 5_000;
const IDLE_MS = 30_000;
const RUNNING_MS = 2_000;
const LOG_MS = 1_000;
/** How many lines one answer has, at most. */
const LINES = 1_000;
const MOST_LINES = 5_000;

export const keys = {
  all: ['jobs'] as const,
  lists: ['jobs', 'list'] as const,
  one: (id: number) => ['jobs', 'one', id] as const,
  log: (id: number) => ['jobs', 'log', id] as const,
  schedules: ['jobs', 'schedules'] as const,
};

export const jobPage = (filter: Filter, cursor = '', signal?: AbortSignal): Promise<JobPage> =>
  answer(api.GET('/api/v1/jobs', { params: { query: { ...filter, limit: PAGE, ...(cursor && { cursor }) } }, ...(signal && { signal }) }));

/** Jobs page by page, the newest first. */
export const listJobs = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam, signal }) => jobPage(filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (query) => {
      const isBusy = query.state.data?.pages.some(({ items }) => items.some(isAlive));
      return isBusy && !isLong(query) ? BUSY_MS : false;
    },
  });

const isAlive = ({ state, run_at }: Job): boolean => state === 'running' || (state === 'queued' && Date.parse(run_at) <= Date.now());

/** How many jobs there are in any of some states. */
export const countJobs = (filter: Filter, states: readonly JobState[]) =>
  queryOptions({
    queryKey: [...keys.all, 'count', filter, ...states],
    queryFn: async ({ signal }) => {
      const counts = states.map((state) => answer(api.GET('/api/v1/jobs', { params: { query: { ...filter, state, limit: 1 } }, signal })));
      return (await Promise.all(counts)).reduce((sum, { total }) => sum + total, 0);
    },
    staleTime: 0,
  });

const at = (id: number) => ({ params: { path: { id } } });

export const oneJob = (id: number) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }): Promise<JobDetail> => answer(api.GET('/api/v1/jobs/{id}', { ...at(id), signal })),
    refetchInterval: ({ state: { data } }) => (data?.state === 'running' ? RUNNING_MS : data?.state === 'queued' ? BUSY_MS : false),
  });

/** The log as far as it is known; each reading adds what came since. */
export const jobLog = (id: number, isLive: boolean) =>
  queryOptions({
    queryKey: keys.log(id),
    queryFn: ({ client, signal }) => readOn(id, client.getQueryData<LogLine[]>(keys.log(id)) ?? [], signal),
    refetchInterval: isLive ? LOG_MS : false,
    staleTime: 0,
  });

async function readOn(id: number, known: LogLine[], signal: AbortSignal): Promise<LogLine[]> {
  const after = known.at(-1)?.id;
  const { items } = await answer(api.GET('/api/v1/jobs/{id}/log', { params: { path: { id }, query: after === undefined ? {} : { after } }, signal }));
  const lines = [...known, ...items].slice(-MOST_LINES);
  return after !== undefined && items.length === LINES ? readOn(id, lines, signal) : lines;
}

export const queues = () =>
  queryOptions({
    queryKey: [...keys.all, 'queues'],
    queryFn: async ({ signal }): Promise<Queue[]> => (await answer(api.GET('/api/v1/queues', { signal }))).items,
    refetchInterval: ({ state: { data } }) => (data?.some(({ running, waiting }) => running + waiting > 0) ? BUSY_MS : IDLE_MS),
  });

export const workers = () =>
  queryOptions({
    queryKey: [...keys.all, 'workers'],
    queryFn: async ({ signal }): Promise<Worker[]> => (await answer(api.GET('/api/v1/workers', { signal }))).items,
    refetchInterval: BUSY_MS,
  });

export const schedules = () =>
  queryOptions({
    queryKey: keys.schedules,
    queryFn: async ({ signal }): Promise<Schedule[]> => (await answer(api.GET('/api/v1/schedules', { signal }))).items,
    refetchInterval: IDLE_MS,
  });

export const retryJob = (id: number): Promise<Job> => answer(api.POST('/api/v1/jobs/{id}/retry', at(id)));
export const retryWith = (id: number, args: unknown): Promise<Job> =>
  answer(api.POST('/api/v1/jobs/{id}/retry', { ...at(id), body: { args: args as Record<string, never> } }));
export const cancelJob = (id: number): Promise<Job> => answer(api.POST('/api/v1/jobs/{id}/cancel', at(id)));
export const retryJobs = (body: Filter) => answer(api.POST('/api/v1/jobs/retry', { body }));
export const cancelJobs = (body: Filter) => answer(api.POST('/api/v1/jobs/cancel', { body }));

const named = (name: string) => ({ params: { path: { name } } });

// What a patch leaves out stays as it is, whatever the generated types want of it.
export const changeQueue = (name: string, patch: QueuePatch) => answer(api.PATCH('/api/v1/queues/{name}', { ...named(name), body: patch as Schemas['QueuePatch'] }));
export const changeSchedule = (name: string, patch: SchedulePatch): Promise<Schedule> =>
  answer(api.PATCH('/api/v1/schedules/{name}', { ...named(name), body: patch as Schemas['SchedulePatch'] }));
export const fireSchedule = (name: string) => answer(api.POST('/api/v1/schedules/{name}/fire', named(name)));
