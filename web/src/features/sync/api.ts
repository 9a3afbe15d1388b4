// Sources as the API has them, and the shapes of what their runs found. Every page knows these; the rest comes with its own.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import { isLong } from '../../lib/live';

type Schemas = components['schemas'];
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Fields = Record<string, Json>;
/** The values themselves, or the question that finds them in another source's table. */
export type Partition = string[] | { sql: string };
export type Login = Omit<Schemas['SourceLogin'], 'body'> & { body: Json };

/** What a source is made of; what stands in neither list nor answer has its default. */
export type Spec = Omit<Schemas['SyncSource'], 'body' | 'login' | 'partitions'> & {
  body?: Json | null;
  login?: Login | null;
  partitions?: Record<string, Partition>;
};
/** The API leaves out what is empty, and none of what has a default. */
type Given = 'kind' | 'table' | 'records' | 'page_size' | 'first_page' | 'timeout' | 'request_timeout' | 'retries' | 'concurrency' | 'interval' | 'enabled';
export type Source = Spec & Required<Pick<Spec, Given>> & Pick<Schemas['SourceView'], 'health' | 'last_run' | 'last_success_at' | 'next_at' | 'origin' | 'partitions_count' | 'quarantined' | 'rows'>;
export type Health = Schemas['SourceHealth'];
export type Mode = Schemas['SyncMode'];
export type Status = Schemas['SyncStatus'];
export type Run = Schemas['SyncRun'];
export type Cell = Omit<Schemas['SyncCell'], 'values'> & { values: Record<string, string> };
export type Notes = Schemas['SyncNotes'];
export type Change = Omit<Schemas['SyncChange'], 'before' | 'after'> & { before?: Fields | null; after?: Fields | null };
export type RunDetail = Run & { cells: Cell[]; notes: Notes };
export type Quarantined = Schemas['QuarantinedRow'];
export type Tested = Omit<Schemas['SourceTested'], 'rows'> & { rows: Fields[] };

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Events tell of every change; this is for those that were missed. */
export const RUNNING_MS = 5_000;
const IDLE_MS = 60_000;

export const keys = {
  all: ['sync'] as const,
  sources: ['sync', 'sources'] as const,
  one: (name: string) => ['sync', 'source', name] as const,
  run: (id: number) => ['sync', 'run', id] as const,
};

export const isOver = ({ status }: { status: Status }): boolean => status !== 'pending' && status !== 'running';
const paceOf = (sources: readonly Source[]): number => (sources.some(({ health }) => health === 'running') ? RUNNING_MS : IDLE_MS);

export const listSources = () =>
  queryOptions({
    queryKey: keys.sources,
    queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/sources', { signal }))).items as unknown as Source[],
    refetchInterval: ({ state: { data } }) => paceOf(data ?? []),
  });

export const named = (name: string) => ({ params: { path: { name } } });

export const oneSource = (name: string) =>
  queryOptions({
    queryKey: keys.one(name),
    queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/sources/{name}', { ...named(name), signal }))) as unknown as Source,
    refetchInterval: ({ state: { data } }) => paceOf(data ? [data] : []),
  });

/** What is read anew when something happened: a list of many pages is not. */
export const isShort = (query: { state: { data?: unknown } }): boolean => !isLong(query);
