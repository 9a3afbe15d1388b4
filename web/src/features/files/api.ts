// Files as the API has them: what was uploaded, and what was found in it.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';

type Schemas = components['schemas'];
export type StoredFile = Schemas['File'];
export type FileState = Schemas['FileState'];
export type FilePage = Schemas['FilePage'];
export type FileProblem = Schemas['FileProblem'];
export type Analysis = Schemas['Analysis'];
export type TextFacts = Schemas['TextFacts'];
export type Alike = Schemas['Alike'];
export type Attachment = Schemas['Attachment'];
export type Bulk = Schemas['Bulk'];
export type BulkDone = Schemas['BulkDone'];
export type Filter = Pick<NonNullable<operations['list_files']['parameters']['query']>, 'q' | 'kind' | 'state' | 'mine' | 'deleted' | 'attached'>;

export const PAGE = 100;
/** The most that one order is about. */
const MOST = 200;

export const keys = {
  all: ['files'] as const,
  lists: ['files', 'list'] as const,
  ones: ['files', 'one'] as const,
  one: (id: string) => ['files', 'one', id] as const,
  analysis: (id: string) => ['files', 'one', id, 'analysis'] as const,
  text: (id: string) => ['files', 'one', id, 'text'] as const,
  alike: (id: string) => ['files', 'one', id, 'alike'] as const,
  attachments: (id: string) => ['files', 'one', id, 'attachments'] as const,
  unfinished: ['files', 'unfinished'] as const,
};

export const filePage = (filter: Filter, cursor = '', signal?: AbortSignal): Promise<FilePage> =>
  answer(api.GET('/api/v1/files', { params: { query: { ...filter, limit: PAGE, ...(cursor && { cursor }) } }, ...(signal && { signal }) }));

/** Files page by page, the newest first. */
export const listFiles = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam, signal }) => filePage(filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

const at = (id: string) => ({ params: { path: { id } } });

export const oneFile = (id: string) =>
  queryOptions({ queryKey: keys.one(id), queryFn: ({ signal }): Promise<StoredFile> => answer(api.GET('/api/v1/files/{id}', { ...at(id), signal })) });

export const analysisOf = (id: string) =>
  queryOptions({ queryKey: keys.analysis(id), queryFn: ({ signal }): Promise<Analysis> => answer(api.GET('/api/v1/files/{id}/analysis', { ...at(id), signal })) });

export const textOf = (id: string) =>
  queryOptions({ queryKey: keys.text(id), queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/files/{id}/text', { ...at(id), signal }))).text });

/** Files that are the same as this one, or nearly. */
export const alikeOf = (id: string) =>
  queryOptions({ queryKey: keys.alike(id), queryFn: async ({ signal }): Promise<Alike[]> => (await answer(api.GET('/api/v1/files/{id}/duplicates', { ...at(id), signal }))).items });

export const attachmentsOf = (id: string) =>
  queryOptions({ queryKey: keys.attachments(id), queryFn: async ({ signal }): Promise<Attachment[]> => (await answer(api.GET('/api/v1/files/{id}/attachments', { ...at(id), signal }))).items });

export const renameFile = (id: string, body: Schemas['FilePatch']): Promise<StoredFile> => answer(api.PATCH('/api/v1/files/{id}', { ...at(id), body }));
export const analyseFile = (id: string): Promise<StoredFile> => answer(api.POST('/api/v1/files/{id}/analyse', at(id)));
export const attachFile = (id: string, body: Attachment) => answer(api.POST('/api/v1/files/{id}/attachments', { ...at(id), body }));
export const detachFile = (id: string, from: Attachment) => answer(api.DELETE('/api/v1/files/{id}/attachments/{subject_kind}/{subject_id}', { params: { path: { id, ...from } } }));

/** Does something to many, as many at a time as one order takes. */
export async function orderMany(action: Bulk, ids: readonly string[]): Promise<BulkDone> {
  const all: BulkDone = { done: 0, refused: [] };
  for (let from = 0; from < ids.length; from += MOST) {
    const { done, refused } = await answer(api.POST('/api/v1/files/bulk', { body: { action, ids: ids.slice(from, from + MOST) } }));
    all.done += done;
    all.refused.push(...refused);
  }
  return all;
}

export const pathOf = (id: string): string => `/api/v1/files/${encodeURIComponent(id)}`;
export const downloadOf = (id: string): string => `${pathOf(id)}/content`;
/** To be shown in a page; the server gives pictures alone like that. */
export const pictureOf = (id: string): string => `${pathOf(id)}/content?inline=1`;
/** What a file holds never changes, so its small picture is kept for as long as the browser likes. */
export const thumbnailOf = ({ id, sha256 }: StoredFile): string => `${pathOf(id)}/thumbnail?of=${sha256.slice(0, 12)}`;
