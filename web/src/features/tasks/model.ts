// What can be said of a task: its words, when it is due, which group and column it stands in.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Formats } from '../../lib/formats';
import { dayAfter } from '../../lib/zone';
import type { Tone } from '../../ui/Status';
import type { Bulk, BulkAnswers, Place, Priority, Status, Task } from './api';

export const STATUS_NAMES = ['todo', 'doing', 'review', 'done'] as const satisfies readonly Status[];
export const PRIORITY_NAMES = ['urgent', 'high', 'medium', 'low', 'none'] as const satisfies readonly Priority[];

export const STATUSES: Record<Status, { tone: Tone; word: MessageDescriptor }> = {
  todo: { tone: 'wait', word: msg({ message: 'To do', context: 'task' }) },
  doing: { tone: 'live', word: msg`Doing` },
  review: { tone: 'warn', word: msg`In review` },
  done: { tone: 'over', word: msg({ message: 'Done', context: 'task' }) },
};

export const PRIORITIES: Record<Priority, MessageDescriptor> = {
  none: msg`No priority`,
  low: msg`Low`,
  medium: msg({ message: 'Medium', context: 'priority' }),
  high: msg`High`,
  urgent: msg`Urgent`,
};

/** What stands in an address for those that are not done. */
export const OPEN = STATUS_NAMES.filter((status) => status !== 'done').join(',');

export const nameOf = ({ number }: Pick<Task, 'number'>): string => String(number);
export const seen = ({ id, version }: Task) => ({ id, version });

type Due = Task['due'];
const DAY = /^\d{4}-\d\d-\d\d$/;
export const isWholeDay = (due: string): boolean => DAY.test(due);

/** The reader's day on which it is due. */
export const dueDay = (due: Due, formats: Formats): string | null => (due ? (isWholeDay(due) ? due : formats.iso(due)) : null);

/** A whole day is over when the next one begins. */
export function isOverdue({ due, status }: Pick<Task, 'due' | 'status'>, formats: Formats, now: number): boolean {
  if (!due || status === 'done') return false;
  return isWholeDay(due) ? due < formats.iso(now) : Date.parse(due) < now;
}

/** The same time on another day. */
export function onDay(due: Due, day: string, formats: Formats): string {
  if (!due || isWholeDay(due)) return day;
  const begins = (of: string) => Date.parse(formats.bounds(of).begins);
  return new Date(Date.parse(due) - begins(formats.iso(due)) + begins(day)).toISOString();
}

export const GROUPS = { overdue: msg`Overdue`, today: msg`Today`, week: msg`This week`, later: msg`Later`, never: msg`No date` };
export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = ['overdue', 'today', 'week', 'later', 'never'] as const satisfies readonly Group[];

/** Where it stands among what somebody is to do; `lastDay` ends the week. */
export function groupOf(task: Task, formats: Formats, now: number, lastDay: string): Group {
  const day = dueDay(task.due, formats);
  if (!day) return 'never';
  if (isOverdue(task, formats, now)) return 'overdue';
  if (day <= formats.iso(now)) return 'today';
  return day <= lastDay ? 'week' : 'later';
}

/** The last day of the week that `today` is in: Friday where weeks begin on Saturday, Sunday elsewhere. */
export function endOfWeek(today: string, isPersian: boolean): string {
  const last = isPersian ? 5 : 0;
  let day = today;
  while (new Date(day).getUTCDay() !== last) day = dayAfter(day);
  return day;
}

/** The cards of each column in their order. */
export function columns(tasks: readonly Task[]): Record<Status, Task[]> {
  const all: Record<Status, Task[]> = { todo: [], doing: [], review: [], done: [] };
  for (const task of tasks) all[task.status].push(task);
  for (const status of STATUS_NAMES) all[status].sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
  return all;
}

/** Where a card is to stand: behind another one, first when that is `null`. */
export interface Spot {
  status: Status;
  after: Task | null;
}

/** One place up or down, or to the column before or after it, as far down as it was; `null` where there is none. */
export function stepped(all: Record<Status, readonly Task[]>, task: Task, step: 'up' | 'down' | 'before' | 'after'): Spot | null {
  const own = all[task.status];
  const index = own.findIndex(({ id }) => id === task.id);
  if (step === 'up') return index > 0 ? { status: task.status, after: own[index - 2] ?? null } : null;
  if (step === 'down') return index < own.length - 1 ? { status: task.status, after: own[index + 1] ?? null } : null;
  const status = STATUS_NAMES[STATUS_NAMES.indexOf(task.status) + (step === 'after' ? 1 : -1)];
  return status ? { status, after: all[status][Math.min(index, all[status].length) - 1] ?? null } : null;
}

/** The same for the server, which takes a neighbour, or the end of an empty column. */
export function toPlace({ version, id }: Task, { status, after }: Spot, column: readonly Task[]): Place {
  const first = column.find((other) => other.id !== id);
  return { status, version, ...(after ? { after: after.id } : first && { before: first.id }) };
}

/** Sorts right behind the card that it follows until the server gives it a place: ranks hold letters and figures alone. */
export const rankAfter = (after: Task | null): string => (after ? `${after.rank}!` : '');

export const isSpot = (task: Task, { status, after }: Spot, column: readonly Task[]): boolean =>
  task.status === status && (after?.id === task.id || (column[column.findIndex(({ id }) => id === task.id) - 1]?.id ?? null) === (after?.id ?? null));

/** What is to become of some tasks. */
export type Order = Omit<Bulk, 'tasks'>;

/** A task as an order makes it, until the server says so. */
export function ordered(task: Task, { status, priority, due, add_assignees, remove_assignees, add_labels, remove_labels }: Order): Task {
  return {
    ...task,
    ...(status && { status }),
    ...(priority && { priority }),
    ...(due !== undefined && { due }),
    assignees: joined(task.assignees, add_assignees, remove_assignees),
    labels: joined(task.labels, add_labels, remove_labels),
  };
}

const joined = (all: readonly string[], more: Order['add_labels'], less: Order['add_labels']) => [...new Set([...all, ...(more ?? [])])].filter((one) => !less?.includes(one));

/** What takes an order back from those that obeyed it. */
export function inverse(order: Order, before: readonly Task[], { items }: BulkAnswers): Bulk[] {
  const old = new Map(before.map((task) => [task.id, task]));
  const bulks = new Map<string, Bulk>();
  for (const { task: now, changed } of items) {
    const was = now && old.get(now.id);
    if (!was || !changed) continue;
    const back = backOf(order, was, now);
    const key = JSON.stringify(back);
    const bulk = bulks.get(key) ?? { ...back, tasks: [] };
    bulk.tasks.push(seen(now));
    bulks.set(key, bulk);
  }
  return [...bulks.values()];
}

function backOf(order: Order, was: Task, now: Task): Order {
  if (order.action === 'delete') return { action: 'restore' };
  if (order.action === 'restore') return { action: 'delete' };
  const without = (all: readonly string[], others: readonly string[]) => all.filter((one) => !others.includes(one));
  return {
    ...(order.status && { status: was.status }),
    ...(order.priority && { priority: was.priority }),
    ...(order.due !== undefined && { due: was.due ?? null }),
    ...(order.add_assignees && { remove_assignees: without(now.assignees, was.assignees) }),
    ...(order.remove_assignees && { add_assignees: without(was.assignees, now.assignees) }),
    ...(order.add_labels && { remove_labels: without(now.labels, was.labels) }),
    ...(order.remove_labels && { add_labels: without(was.labels, now.labels) }),
  };
}

/** A field of a task that is changed by itself. */
export type Field = 'title' | 'description' | 'status' | 'priority' | 'assignees' | 'due' | 'labels' | 'checklist' | 'files' | 'documents' | 'meetings';

export const FIELDS: Record<Field, MessageDescriptor> = {
  title: msg`Title`,
  description: msg`Text`,
  status: msg`Status`,
  priority: msg`Priority`,
  assignees: msg`Assignees`,
  due: msg`Due`,
  labels: msg`Labels`,
  checklist: msg`Checklist`,
  files: msg`Files`,
  documents: msg`Documents`,
  meetings: msg`Meetings`,
};

export const isField = (name: string): name is Field => name in FIELDS;

/** The fields of a change that somebody else changed too, since they were looked at. */
export function clashes(patch: Partial<Record<Field, unknown>>, base: Task, now: Task): Field[] {
  const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  return Object.keys(patch).filter((field): field is Field => isField(field) && !same(base[field], now[field]) && !same(patch[field], now[field]));
}

/** Those of each group, in their order. */
export function grouped<T, K>(all: readonly T[], groupOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groupOf(one);
    const known = groups.get(group);
    if (known) known.push(one);
    else groups.set(group, [one]);
  }
  return groups;
}

/** The same list with one of it moved. */
export function moved<T>(all: readonly T[], from: number, to: number): T[] {
  const next = [...all];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}
