// The address of the tasks: which it shows, and how.

import * as v from 'valibot';
import { day, optional } from '../../lib/search';
import { addDays, dayAfter } from '../../lib/zone';
import type { Filter, Sort } from './api';
import { OPEN, PRIORITY_NAMES, STATUS_NAMES } from './model';

export const DUES = ['overdue', 'today', 'week'] as const;
export const SORTS = ['due', 'priority', 'updated'] as const;
const VIEWS = ['board', 'calendar', 'mine'] as const;

export const TasksSearch = v.object({
  /** The list without it. */
  view: optional(v.picklist(VIEWS)),
  q: optional(v.string()),
  /** `open`: all that are not done. */
  status: optional(v.picklist(['open', ...STATUS_NAMES])),
  priority: optional(v.picklist(PRIORITY_NAMES)),
  /** `me`, `none` or an id. */
  assignee: optional(v.string()),
  label: optional(v.string()),
  due: optional(v.picklist(DUES)),
  /** The newest first without it. */
  sort: optional(v.picklist(SORTS)),
  /** Any day of the month that the calendar shows. */
  month: optional(day),
  /** The task that is open beside them: its number. */
  task: optional(v.number()),
});

export type TasksSearch = v.InferOutput<typeof TasksSearch>;
export type View = NonNullable<TasksSearch['view']> | 'list';

export const NONE = { q: undefined, status: undefined, priority: undefined, assignee: undefined, label: undefined, due: undefined } satisfies Partial<TasksSearch>;

const WEEK = 7;

/** What is due, in days of which `today` is one. */
function dueOf(due: TasksSearch['due'], today: string): Filter {
  switch (due) {
    case 'overdue':
      return { overdue: true };
    case 'today':
      return { due_after: today, due_before: dayAfter(today) };
    case 'week':
      return { due_after: today, due_before: addDays(today, WEEK) };
    default:
      return {};
  }
}

export function toFilter({ q, status, priority, assignee, label, due }: TasksSearch, today: string): Filter {
  const words = q?.trim();
  return {
    ...(words && { q: words }),
    ...(status && { status: status === 'open' ? OPEN : status }),
    ...(priority && { priority }),
    ...(assignee && { assignee }),
    ...(label && { label }),
    ...dueOf(due, today),
  };
}

const SORT: Record<NonNullable<TasksSearch['sort']>, Sort> = { due: 'due', priority: '-priority', updated: '-updated' };

export const toSort = ({ sort }: TasksSearch): Sort => (sort ? SORT[sort] : '-number');
