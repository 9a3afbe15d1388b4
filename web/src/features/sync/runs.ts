// Runs as the API has them: what became of their partitions, what they changed, what they could not take.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { isOver, keys, RUNNING_MS, type Change, type Page, type Quarantined, type Run, type RunDetail } from './api';

const PAGE = 100;

export const oneRun = (id: number) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: async ({ signal }): Promise<RunDetail> => answer(api.GET('/api/v1/runs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data && !isOver(data) ? RUNNING_MS : false),
  });

type Read<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;

const pages = <T>(queryKey: readonly unknown[], read: Read<T>) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam || undefined, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

const from = (cursor: string | undefined) => ({ limit: PAGE, ...(cursor && { cursor }) });

/** The newest first. */
export const listRuns = (name: string) =>
  pages<Run>([...keys.all, 'runs', name], (cursor, signal) => answer(api.GET('/api/v1/sources/{name}/runs', { params: { path: { name }, query: from(cursor) }, signal })));

export const listChanges = (id: number) =>
  pages<Change>([...keys.run(id), 'changes'], (cursor, signal) => answer(api.GET('/api/v1/runs/{id}/changes', { params: { path: { id }, query: from(cursor) }, signal })));

export const listQuarantined = (name: string) =>
  pages<Quarantined>([...keys.all, 'quarantine', name], (cursor, signal) =>
    answer(api.GET('/api/v1/sources/{name}/quarantine', { params: { path: { name }, query: from(cursor) }, signal })),
  );
