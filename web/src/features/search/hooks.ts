// What is found for somebody's words.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { isKind } from '../../lib/kinds';
import { findAll, findBest, type Asked, type FoundPage, type Hit } from './api';

const NOTHING: readonly Hit[] = [];

/** Of what a newer server finds there may be no page here. */
const known = ({ items }: FoundPage): Hit[] => items.filter(({ kind }) => isKind(kind));

/** The best that is found; while something else is looked for, that of before. */
export function useBest(asked: Asked) {
  const query = useQuery(findBest(asked));
  const isOn = asked.q.trim() !== '';
  const hits = useMemo(() => (isOn && query.data ? known(query.data) : NOTHING), [isOn, query.data]);
  return { ...query, hits };
}

/** All that is found, the next page when the end of the list is seen. */
export function useAll(asked: Asked) {
  const query = useInfiniteQuery(findAll(asked));
  const pages = query.data?.pages;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, error } = query;
  const hits = useMemo(() => pages?.flatMap(known) ?? NOTHING, [pages]);
  const more = useCallback(() => void (hasNextPage && !isFetchingNextPage && fetchNextPage()), [hasNextPage, isFetchingNextPage, fetchNextPage]);
  // A page of which one may see nothing moves no end of a list.
  const last = pages?.at(-1);
  useEffect(() => void (last?.items.length === 0 && !error && more()), [last, error, more]);
  return { ...query, hits, more };
}
