// What the API finds: documents, tasks, the text of files, people, by their words.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';
import type { Kind } from '../../lib/kinds';

type Schemas = components['schemas'];
export type Hit = Schemas['SearchHit'];
export type Piece = Schemas['Piece'];
export type FoundPage = Schemas['SearchPage'];

export interface Asked {
  q: string;
  /** All when there are none. */
  kinds: readonly Kind[];
}

/** The most that an answer holds. */
const PAGE = 50;

export const keys = { all: ['search'] as const };

/** Without a word nothing is asked. */
const isAsked = ({ q }: Asked) => q.trim() !== '';

const ask = ({ q, kinds }: Asked, signal: AbortSignal, cursor = ''): Promise<FoundPage> => {
  const query = { q, limit: PAGE, ...(kinds.length > 0 && { kinds: kinds.join() }), ...(cursor && { cursor }) };
  return answer(api.GET('/api/v1/search', { params: { query }, signal }));
};

/** What fits best, all on one page; until it is there, what was found before. */
export const findBest = (asked: Asked) =>
  queryOptions({
    queryKey: [...keys.all, 'best', asked],
    queryFn: ({ signal }) => ask(asked, signal),
    enabled: isAsked(asked),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

/** All that is found, page by page. */
export const findAll = (asked: Asked) =>
  infiniteQueryOptions({
    queryKey: [...keys.all, 'all', asked],
    queryFn: ({ pageParam, signal }) => ask(asked, signal, pageParam),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    enabled: isAsked(asked),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
