// The changes of a list, and the people in it.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useFormats } from '../../lib/reader';
import { somePeople } from '../users/api';
import { listAudit, type Entry } from './api';
import { toFilter, type AuditSearch } from './search';

export function useAudit(search: AuditSearch) {
  const formats = useFormats();
  const query = useInfiniteQuery(listAudit(toFilter(search, formats)));
  const entries: readonly Entry[] = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, entries };
}

export interface Actor {
  id: string;
  name: string;
}

/** Who can be chosen: everybody with an account, and whoever appears in the list. */
export function useActors(entries: readonly Entry[]): readonly Actor[] {
  const { data } = useQuery(somePeople());
  return useMemo(() => {
    const people = (data?.items ?? []).map(({ id, name }) => [id, name] as const);
    const seen = entries.filter(({ actor_id }) => actor_id).map(({ actor_id, actor_name }) => [actor_id, actor_name] as const);
    return [...new Map([...seen, ...people])].map(([id, name]) => ({ id, name }));
  }, [data, entries]);
}
