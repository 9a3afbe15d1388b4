// The files of a list, which of them are chosen, and what is dropped on it.

import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { listFiles, type Filter, type StoredFile } from './api';
import { filesOf } from './upload/drop';

export function useFiles(filter: Filter) {
  const query = useInfiniteQuery(listFiles(filter));
  const files = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = () => hasNextPage && !isFetchingNextPage && void fetchNextPage();
  return { ...query, files, more };
}

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  set: (ids: readonly string[]) => void;
}

/** What has left the list is not chosen any more. */
export function useSelection(files: readonly StoredFile[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = useMemo(() => new Set(files.flatMap(({ id }) => (chosen.has(id) ? id : []))), [files, chosen]);
  const toggle = (id: string) => setChosen((old) => new Set(old.has(id) ? [...old].filter((other) => other !== id) : [...old, id]));
  return { ids, toggle, set: (all) => setChosen(new Set(all)) };
}

/** Files that are dropped anywhere on the page or pasted; says whether some hang over it. */
export function useDrop(take: (files: File[]) => void): boolean {
  const [depth, setDepth] = useState(0);
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
    const on = <Name extends keyof WindowEventMap>(name: Name, listen: (event: WindowEventMap[Name]) => void) => {
      window.addEventListener(name, listen);
      return () => window.removeEventListener(name, listen);
    };
    const stops = [
      on('dragenter', (event) => hasFiles(event) && setDepth((now) => now + 1)),
      on('dragleave', (event) => hasFiles(event) && setDepth((now) => Math.max(0, now - 1))),
      // Without it the browser would open what is dropped.
      on('dragover', (event) => hasFiles(event) && event.preventDefault()),
      on('drop', (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setDepth(0);
        take(filesOf(event.dataTransfer));
      }),
      on('paste', (event) => {
        const files = filesOf(event.clipboardData);
        if (files.length > 0) take(files);
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [take]);
  return depth > 0;
}
