// The documents of a list, the folders, and who looks at them.

import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { me } from '../account/api';
import { keys, listDocuments, listFolders, type Filter, type Folder } from './api';

const NONE: readonly Folder[] = [];

export function useDocuments(filter: Filter) {
  const query = useInfiniteQuery(listDocuments(filter));
  const documents = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = () => hasNextPage && !isFetchingNextPage && void fetchNextPage();
  return { ...query, documents, more };
}

export const useFolders = (): readonly Folder[] => useQuery(listFolders()).data ?? NONE;

export function useRenew() {
  const client = useQueryClient();
  return useCallback(() => client.invalidateQueries({ queryKey: keys.all }), [client]);
}

/** Who one is for the others in a document; a program has an id, too. */
export function useSelf(): { id: string; name: string } | null {
  const { data } = useQuery(me());
  return useMemo(() => (data ? { id: data.user?.id ?? data.id, name: data.user?.name ?? data.name } : null), [data]);
}
