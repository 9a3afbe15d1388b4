// The audit as the API has it: who changed what, the newest first.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components, operations } from '../../api/schema.gen';

/** What was kept of a thing. */
export type Thing = Record<string, unknown> | null | undefined;
export type Entry = Omit<components['schemas']['AuditEntry'], 'before' | 'after'> & { before?: Thing; after?: Thing };
export type Verification = components['schemas']['Verification'];
export type Filter = Omit<NonNullable<operations['list_audit']['parameters']['query']>, 'limit' | 'cursor'>;

export type Page = components['schemas']['AuditPage'];

export const PAGE = 200;

export const keys = {
  all: ['audit'] as const,
  lists: ['audit', 'list'] as const,
  verdict: ['audit', 'verdict'] as const,
};

export const auditPage = (filter: Filter, cursor = '', signal?: AbortSignal) =>
  answer(api.GET('/api/v1/audit', { params: { query: { ...filter, limit: PAGE, ...(cursor && { cursor }) } }, ...(signal && { signal }) }));

/** What happened is not changed any more, so pages that were read once are not read again while one looks at them. */
export const listAudit = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.lists, filter],
    queryFn: ({ pageParam, signal }) => auditPage(filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: Infinity,
    gcTime: 0,
  });

const LOOK_AGAIN_MS = 300_000;

/** The server walks the whole chain for it. */
export const verdict = () =>
  queryOptions({
    queryKey: keys.verdict,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/audit/verify', { signal })),
    staleTime: LOOK_AGAIN_MS,
  });

export function exportAddress(format: 'csv' | 'jsonl', filter: Filter): string {
  const given = Object.entries(filter).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return `/api/v1/audit/export?${new URLSearchParams([['format', format], ...given])}`;
}
