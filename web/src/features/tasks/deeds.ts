// What is done with tasks, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from '../../api/problem';
import { isolate } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { report, tell, warn } from '../../ui/Toast';
import { changeMany, changeTask, createTask, keys, moveTask, oneTask, type BulkAnswers, type Detail, type NewTask, type Patch, type Task } from './api';
import { newest, showIn, useRenew } from './hooks';
import { clashes, inverse, nameOf, ordered, rankAfter, seen, STATUSES, toPlace, type Field, type Order, type Spot } from './model';

const stayed = (refused: number): string => plural(refused, { one: '# task was changed by somebody else meanwhile and stays so.', other: '# tasks were changed by somebody else meanwhile and stay so.' });

/** One deed after the other: the next one is about what the one before it made of a task. */
const TURNS = { id: 'tasks' };

export function useTaskDeeds() {
  const { t } = useLingui();
  const failure = useFailure();
  const client = useQueryClient();
  const renew = useRenew();
  const show = (now: Task) => {
    showIn(client, (task) => (task.id === now.id ? now : task));
    client.setQueryData<Detail>(keys.one(nameOf(now)), (old) => old && { ...old, ...now });
  };

  const { mutateAsync: changeAll } = useMutation({
    scope: TURNS,
    mutationFn: async ({ wanted, tasks }: { wanted: Order; tasks: readonly Task[] }) => {
      const answers = await changeMany({ ...wanted, tasks: tasks.map((task) => seen(newest(client, task))) });
      answers.items.forEach(({ task }) => task && show(task));
      return answers;
    },
  });
  const { mutateAsync: place } = useMutation({
    scope: TURNS,
    mutationFn: ({ task, spot, column }: { task: Task; spot: Spot; column: readonly Task[] }) => moveTask(task.id, toPlace(newest(client, task), spot, column)).then(show),
  });

  /** Makes a task; what was refused is thrown. */
  const add = async (body: NewTask, open: (task: Task) => void) => {
    const task = await createTask(body);
    const title = isolate(task.title);
    report('live', t`“${title}” is on the list.`, () => open(task));
    void renew();
  };

  /** Orders something about tasks; says whether any of them obeyed. */
  const order = async (wanted: Order, tasks: readonly Task[]): Promise<boolean> => {
    const meant = new Set(tasks.map(({ id }) => id));
    showIn(client, (task) => (meant.has(task.id) ? ordered(task, wanted) : task));
    try {
      const answers = await changeAll({ wanted, tasks });
      const back = inverse(wanted, tasks, answers);
      if (answers.changed > 0) tell(words(wanted, tasks, answers.changed), back.length > 0 ? () => void undo(back) : undefined);
      if (answers.refused > 0) warn(stayed(answers.refused));
      return answers.changed > 0;
    } catch (error) {
      failure(t`The tasks stay as they were.`)(error);
      return false;
    } finally {
      void renew();
    }
  };

  const undo = async (back: ReturnType<typeof inverse>) => {
    const undone = (all: BulkAnswers[]) => {
      const refused = all.reduce((sum, one) => sum + one.refused, 0);
      if (refused > 0) warn(stayed(refused));
    };
    await Promise.all(back.map(changeMany)).then(undone, failure(t`Not all of it was taken back.`));
    await renew();
  };

  /** What is said after an order. */
  const words = ({ action, status, due }: Order, [first, ...others]: readonly Task[], count: number): string => {
    const title = first && others.length === 0 ? isolate(first.title) : null;
    if (action === 'delete') return title ? t`“${title}” is deleted.` : plural(count, { one: '# task is deleted.', other: '# tasks are deleted.' });
    const word = status && t(STATUSES[status].word);
    if (word) return title ? t`“${title}” is now “${word}”.` : plural(count, { one: `# task is now “${word}”.`, other: `# tasks are now “${word}”.` });
    if (due !== undefined) return title ? t`“${title}” has another date.` : plural(count, { one: '# task has another date.', other: '# tasks have another date.' });
    return title ? t`“${title}” is changed.` : plural(count, { one: '# task is changed.', other: '# tasks are changed.' });
  };

  /** Puts a card elsewhere on the board. */
  const move = async (task: Task, spot: Spot, column: readonly Task[]) => {
    showIn(client, (one) => (one.id === task.id ? { ...one, status: spot.status, rank: rankAfter(spot.after) } : one));
    const title = isolate(task.title);
    await place({ task, spot, column }).catch(failure(t`“${title}” stays where it was.`));
    await renew();
  };

  return { add, order, move };
}

/** A change that somebody else's came before. */
export interface Conflict {
  patch: Patch;
  fields: readonly Field[];
  now: Detail;
}

/** Changes one task field by field. Where somebody else changed the same field meanwhile, both values are kept to choose from. */
export function useChange(task: Detail) {
  const { t } = useLingui();
  const failure = useFailure();
  const client = useQueryClient();
  const renew = useRenew();
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const name = nameOf(task);

  /** Says whether it was taken. `base` is the task that was looked at. */
  const change = async (patch: Patch, base: Task = task): Promise<boolean> => {
    client.setQueryData<Detail>(keys.one(name), (old) => old && ({ ...old, ...patch } as Detail));
    try {
      const now = await changeTask(base.id, { ...patch, version: base.version });
      client.setQueryData<Detail>(keys.one(name), (old) => old && { ...old, ...now });
      setConflict(null);
      void renew();
      return true;
    } catch (error) {
      const now = await client.fetchQuery({ ...oneTask(name), staleTime: 0 }).catch(() => null);
      if (!now || !(error instanceof Problem) || error.code !== 'tasks.changed') {
        failure(t`The task stays as it was.`)(error);
        return false;
      }
      const fields = clashes(patch, base, now);
      // Who changed other fields is in nobody's way.
      if (fields.length === 0) return change(patch, now);
      setConflict({ patch, fields, now });
      return false;
    }
  };

  return {
    change,
    conflict,
    keepMine: () => (conflict ? change(conflict.patch, conflict.now) : Promise.resolve(false)),
    takeTheirs: () => setConflict(null),
  };
}

export type Change = ReturnType<typeof useChange>['change'];
