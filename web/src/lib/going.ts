// What is about to be removed: out of sight until it is, or until that is taken back.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

type Id = string | number;

/** By kinds of things, each with ids of its own. It outlives the page on which somebody removed them. */
export function useGoing<T extends Id>(kind: string) {
  const client = useQueryClient();
  const queryKey = useMemo(() => ['going', kind], [kind]);
  const known = () => client.getQueryData<readonly T[]>(queryKey) ?? [];
  const { data } = useQuery({ queryKey, queryFn: known, initialData: known, staleTime: Infinity, gcTime: Infinity });
  return {
    going: useMemo<ReadonlySet<T>>(() => new Set(data), [data]),
    hide: (id: T) => client.setQueryData(queryKey, [...known(), id]),
    showAgain: (id: T) => client.setQueryData(
      queryKey,
      known().filter((one) => one !== id),
    ),
  };
}
