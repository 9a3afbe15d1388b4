// Which tasks are chosen, also those that have left the list.

import { useCallback, useMemo, useState } from 'react';
import type { Task } from './api';

export interface Selection {
  /** As they stand now, as far as the list knows. */
  tasks: readonly Task[];
  has: (id: string) => boolean;
  toggle: (task: Task) => void;
  set: (tasks: readonly Task[]) => void;
  clear: () => void;
}

export function useSelection(rows: readonly Task[]): Selection {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Task>>(new Map());
  const tasks = useMemo(() => {
    if (chosen.size === 0) return [];
    const now = new Map(rows.map((task) => [task.id, task]));
    return [...chosen.values()].map((task) => now.get(task.id) ?? task);
  }, [chosen, rows]);
  const toggle = useCallback((task: Task) => setChosen((old) => toggled(old, task)), []);
  const set = useCallback((all: readonly Task[]) => setChosen(new Map(all.map((task) => [task.id, task]))), []);
  const clear = useCallback(() => setChosen(new Map()), []);
  return { tasks, has: (id) => chosen.has(id), toggle, set, clear };
}

function toggled(chosen: ReadonlyMap<string, Task>, task: Task): ReadonlyMap<string, Task> {
  const next = new Map(chosen);
  if (!next.delete(task.id)) next.set(task.id, task);
  return next;
}
