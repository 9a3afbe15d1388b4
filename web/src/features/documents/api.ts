// Documents and their folders as the API has them; the text itself comes over a line of its own.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';

type Schemas = components['schemas'];
export type Document = Schemas['Document'];
export type Detail = Schemas['DocumentDetail'];
export type DocumentPage = Schemas['DocumentPage'];
export type Folder = Schemas['DocumentFolder'];
export type Right = Schemas['DocumentRight'];
export type Patch = Schemas['DocumentPatch'];
export type FolderPatch = Schemas['DocumentFolderPatch'];
export type NewDocument = Schemas['NewDocument'];
export type Imported = Schemas['ImportedDocuments'];
export type Comment = Schemas['DocumentComment'];
export type NewComment = Schemas['NewDocumentComment'];
export type Version = Schemas['DocumentVersion'];
export type Format = NonNullable<NonNullable<operations['export_documents']['parameters']['query']>['format']>;
export type Filter = Pick<NonNullable<operations['list_documents']['parameters']['query']>, 'folder' | 'mine' | 'shared' | 'recent' | 'starred' | 'trashed' | 'template' | 'q'>;
export type Link = Schemas['DocumentLink'];
export type NewLink = Schemas['NewDocumentLink'];
/** What is given is a grant alone; what is read says whom it names, too. */
export type Grant = Schemas['DocumentGrant'];
export type NamedGrant = Grant & { name: string; folder?: string | null };
export type Access = Omit<Schemas['DocumentAccess'], 'grants' | 'inherited'> & { grants: NamedGrant[]; inherited: NamedGrant[] };

/** A piece of a text, as the server keeps it; in a comparison with what became of it. */
export interface Part {
  type: string;
  attrs?: Record<string, unknown>;
  change?: 'added' | 'removed' | 'changed';
  content?: Part[];
  text?: string;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
}

export interface Difference {
  counts: Schemas['DocumentDiffCounts'];
  content: Part;
}

const PAGE = 100;
const LARGE_PAGE = 1_000;

export const keys = {
  all: ['documents'] as const,
  lists: ['documents', 'list'] as const,
  folders: ['documents', 'folders'] as const,
  access: ['documents', 'access'] as const,
  one: (id: string) => ['documents', 'one', id] as const,
  comments: (id: string) => ['documents', 'one', id, 'comments'] as const,
  versions: (id: string) => ['documents', 'one', id, 'versions'] as const,
  version: (id: string, number: number) => ['documents', 'one', id, 'versions', number] as const,
};

/** Documents page by page, the newest first. */
export const listDocuments = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam, signal }): Promise<DocumentPage> => answer(api.GET('/api/v1/documents', { params: { query: { ...filter, limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

export const listFolders = () => queryOptions({ queryKey: keys.folders, queryFn: async ({ signal }): Promise<Folder[]> => (await answer(api.GET('/api/v1/documents/folders', { signal }))).items });

const at = (id: string) => ({ params: { path: { id } } });

export const readDocument = (id: string): Promise<Detail> => answer(api.GET('/api/v1/documents/{id}', at(id)));
export const oneDocument = (id: string) => queryOptions({ queryKey: keys.one(id), queryFn: ({ signal }): Promise<Detail> => answer(api.GET('/api/v1/documents/{id}', { ...at(id), signal })) });

export const createDocument = (body: NewDocument): Promise<Document> => answer(api.POST('/api/v1/documents', { body }));
export const changeDocument = (id: string, body: Patch): Promise<Document> => answer(api.PATCH('/api/v1/documents/{id}', { ...at(id), body }));
export const deleteDocument = (id: string) => answer(api.DELETE('/api/v1/documents/{id}', at(id)));
export const restoreDocument = (id: string): Promise<Document> => answer(api.POST('/api/v1/documents/{id}/restore', at(id)));
export const starDocument = (id: string, isOn: boolean) => answer<unknown>(isOn ? api.PUT('/api/v1/documents/{id}/star', at(id)) : api.DELETE('/api/v1/documents/{id}/star', at(id)));

export const createFolder = (body: Schemas['NewDocumentFolder']): Promise<Folder> => answer(api.POST('/api/v1/documents/folders', { body }));
export const changeFolder = (id: string, body: FolderPatch): Promise<Folder> => answer(api.PATCH('/api/v1/documents/folders/{id}', { ...at(id), body }));
export const deleteFolder = (id: string) => answer(api.DELETE('/api/v1/documents/folders/{id}', at(id)));

/** Makes documents of files, and of what is in archives. */
export function importFiles(files: readonly File[], folder: string | null): Promise<Imported> {
  const form = new FormData();
  if (folder) form.append('folder', folder);
  files.forEach((file) => form.append('file', file));
  return answer(api.POST('/api/v1/documents/import', { body: form as never, bodySerializer: (body: unknown) => body as FormData }));
}

const pathOf = (id: string): string => `/api/v1/documents/${encodeURIComponent(id)}`;
export const exportOf = (id: string, format: Format): string => `${pathOf(id)}/content?format=${format}`;
export const archiveOf = (folder: string | null, format: Format): string => `/api/v1/documents/export?${new URLSearchParams({ ...(folder && { folder }), format }).toString()}`;
export const liveOf = (id: string): string => `${window.location.origin.replace(/^http/, 'ws')}${pathOf(id)}/live`;

export const listComments = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.comments(id),
    queryFn: ({ pageParam, signal }) => answer(api.GET('/api/v1/documents/{id}/comments', { params: { path: { id }, query: { limit: LARGE_PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

const said = (id: string, comment: string) => ({ params: { path: { id, comment } } });

export const say = (id: string, body: NewComment): Promise<Comment> => answer(api.POST('/api/v1/documents/{id}/comments', { ...at(id), body }));
export const rephrase = (id: string, comment: string, body: Schemas['DocumentCommentPatch']): Promise<Comment> => answer(api.PATCH('/api/v1/documents/{id}/comments/{comment}', { ...said(id, comment), body }));
export const takeBack = (id: string, comment: string) => answer(api.DELETE('/api/v1/documents/{id}/comments/{comment}', said(id, comment)));
export const resolve = (id: string, comment: string): Promise<Comment> => answer(api.POST('/api/v1/documents/{id}/comments/{comment}/resolve', said(id, comment)));
export const reopen = (id: string, comment: string): Promise<Comment> => answer(api.POST('/api/v1/documents/{id}/comments/{comment}/reopen', said(id, comment)));

export const listVersions = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.versions(id),
    queryFn: ({ pageParam, signal }) => answer(api.GET('/api/v1/documents/{id}/versions', { params: { path: { id }, query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

const once = (id: string, version: number) => ({ params: { path: { id, version } } });

/** A version never changes. */
export const oneVersion = (id: string, number: number) =>
  queryOptions({
    queryKey: keys.version(id, number),
    queryFn: async ({ signal }): Promise<Version & { content: Part }> => (await answer(api.GET('/api/v1/documents/{id}/versions/{version}', { ...once(id, number), signal }))) as Version & { content: Part },
    staleTime: Infinity,
  });

/** What became of a version until now. */
export const difference = (id: string, number: number) =>
  queryOptions({
    queryKey: [...keys.version(id, number), 'difference'],
    queryFn: async ({ signal }): Promise<Difference> => (await answer(api.GET('/api/v1/documents/{id}/versions/{version}/diff', { ...once(id, number), signal }))) as unknown as Difference,
  });

export const keepVersion = (id: string, name: string): Promise<Version> => answer(api.POST('/api/v1/documents/{id}/versions', { ...at(id), body: { name } }));
export const restoreVersion = (id: string, number: number): Promise<Document> => answer(api.POST('/api/v1/documents/{id}/versions/{version}/restore', once(id, number)));

/** What can be shared: a document, or all that is in a folder. */
export interface Subject {
  kind: 'document' | 'folder';
  id: string;
  title: string;
  'right': Right;
}

export const accessOf = ({ kind, id }: Subject) =>
  queryOptions({
    queryKey: [...keys.access, kind, id],
    queryFn: async ({ signal }): Promise<Access> => {
      const call = kind === 'folder' ? api.GET('/api/v1/documents/folders/{id}/access', { ...at(id), signal }) : api.GET('/api/v1/documents/{id}/access', { ...at(id), signal });
      return (await answer<unknown>(call)) as Access;
    },
  });

export async function shareWith({ kind, id }: Subject, grants: readonly Grant[]): Promise<Access> {
  const body = { grants: grants.map(({ grantee, right }) => ({ grantee, right })) };
  const call = kind === 'folder' ? api.PUT('/api/v1/documents/folders/{id}/access', { ...at(id), body }) : api.PUT('/api/v1/documents/{id}/access', { ...at(id), body });
  return (await answer<unknown>(call)) as Access;
}

export const publish = (id: string, ends_at: string | null): Promise<NewLink> => answer(api.POST('/api/v1/documents/{id}/link', { ...at(id), body: { ends_at } }));
export const unpublish = (id: string) => answer(api.DELETE('/api/v1/documents/{id}/link', at(id)));
