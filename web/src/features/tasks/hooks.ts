// The tasks of a list, the names in them, and what is known of them anew.

import { useInfiniteQuery, useQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { holds } from '../../lib/collate';
import { findPeople, keys, listTasks, type Filter, type Named, type Person, type Sort, type Task, type TaskPage } from './api';

export type Names = ReadonlyMap<string, string>;

const NO_PAGES: readonly TaskPage[] = [];

/** What people are called by their ids. */
export const namesOf = (pages: readonly { people: readonly Named[] }[]): Names => new Map(pages.flatMap(({ people }) => people.flatMap(({ id, name }) => (id ? [[id, name] as const] : []))));

export function useTasks(filter: Filter, sort?: Sort, limit?: number) {
  const query = useInfiniteQuery(listTasks(filter, sort, limit));
  const pages = query.data?.pages ?? NO_PAGES;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const tasks = useMemo(() => pages.flatMap(({ items }) => items), [pages]);
  const names = useMemo(() => namesOf(pages), [pages]);
  const more = useCallback(() => void (hasNextPage && !isFetchingNextPage && fetchNextPage()), [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { ...query, tasks, names, more };
}

export const isPerson = (one: Named): one is Person => Boolean(one.id);

/** People whose name or address holds these words; those of the last answer who are called so, until the next one is there. */
export function usePeople(q: string, isWanted = true): { people: readonly Person[]; isSure: boolean } {
  const { data, isSuccess, isPlaceholderData } = useQuery({ ...findPeople(q), enabled: isWanted });
  const known = (isWanted && data?.filter(isPerson)) || [];
  return { people: isPlaceholderData ? known.filter(({ name }) => holds(name, q)) : known, isSure: isSuccess && !isPlaceholderData };
}

/** All that a filter finds, page after page. */
export function useAllTasks(filter: Filter, sort: Sort, limit: number) {
  const found = useTasks(filter, sort, limit);
  const { more, hasNextPage, error } = found;
  useEffect(() => void (hasNextPage && !error && more()), [hasNextPage, error, more]);
  return found;
}

/** Shows some tasks otherwise in every list that has them. */
export function showIn(client: QueryClient, change: (task: Task) => Task): void {
  const changed = (data: InfiniteData<TaskPage> | undefined) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(change) })) };
  client.setQueriesData<InfiniteData<TaskPage>>({ queryKey: keys.lists }, changed);
}

/** A task as the lists know it by now. */
export function newest(client: QueryClient, task: Task): Task {
  const lists = client.getQueriesData<InfiniteData<TaskPage>>({ queryKey: keys.lists });
  const all = lists.flatMap(([, data]) => data?.pages.flatMap(({ items }) => items) ?? []);
  return all.filter(({ id }) => id === task.id).reduce((newest, one) => (one.version > newest.version ? one : newest), task);
}

export function useRenew() {
  const client = useQueryClient();
  return useCallback(() => client.invalidateQueries({ queryKey: keys.all }), [client]);
}

/** Whether there is room for a task beside the list. */
const WIDE = '(min-width: 820px)';

export function useIsWide(): boolean {
  const [isWide, setWide] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const look = () => setWide(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return isWide;
}

const BEFORE = 'dabir.draft.';

/** What somebody types, kept until it is sent, also when the page is left; `null` when nothing is being written. */
export function useDraft(name: string): [string | null, (text: string | null) => void] {
  const place = BEFORE + name;
  const [draft, setDraft] = useState(() => sessionStorage.getItem(place));
  const keep = useCallback(
    (text: string | null) => {
      setDraft(text);
      if (text === null) sessionStorage.removeItem(place);
      else sessionStorage.setItem(place, text);
    },
    [place],
  );
  return [draft, keep];
}
