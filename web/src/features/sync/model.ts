// What can be said about sources, runs and their partitions.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Tone } from '../../ui/Status';
import { isOver, type Cell, type Health, type Json, type Mode, type Run, type Source, type Status, type Tested } from './api';

interface Look {
  tone: Tone;
  word: MessageDescriptor;
}

export const HEALTH: Record<Health, Look> = {
  never: { tone: 'wait', word: msg`Never synced` },
  running: { tone: 'wait', word: msg`Syncing` },
  healthy: { tone: 'live', word: msg`Up to date` },
  failing: { tone: 'bad', word: msg`Last run failed` },
  late: { tone: 'warn', word: msg`Late` },
  off: { tone: 'over', word: msg`Switched off` },
};

export const STATUS: Record<Status, Look> = {
  pending: { tone: 'wait', word: msg`Waiting` },
  running: { tone: 'wait', word: msg`Running` },
  success: { tone: 'live', word: msg`Succeeded` },
  failed: { tone: 'bad', word: msg`Failed` },
  cancelled: { tone: 'over', word: msg`Cancelled` },
};

export const MODES: Record<Mode, { word: MessageDescriptor; meaning: MessageDescriptor }> = {
  full: { word: msg`All rows`, meaning: msg`Every row is asked for; who is gone at the source is marked here.` },
  incremental: { word: msg`What changed`, meaning: msg`Only rows that changed since the last run are asked for; nobody is marked as gone.` },
};

/** Partitions that people know by name. */
export const PARTITIONS: Record<string, MessageDescriptor> = {
  campus: msg`Campus`,
  term: msg`Term`,
};

/** What a run did to a row; words that the server may learn later are shown as they come. */
export const CHANGES: Record<string, Look> = {
  new: { tone: 'live', word: msg`New` },
  changed: { tone: 'wait', word: msg`Changed` },
  vanished: { tone: 'warn', word: msg`Gone` },
  returned: { tone: 'live', word: msg`Back again` },
};

/** Whether a source has a login that nobody has filled in. */
export function lacksLogin({ login }: Pick<Source, 'login'>): boolean {
  const texts = login ? textsOf(login.body) : [];
  return texts.length > 0 && texts.every((text) => text === '');
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Whether it can be asked for rows at all. */
export const canSync = (source: Source): boolean => source.health !== 'running' && !lacksLogin(source);

/** What of a run can be tried again: cells that did not come, or the whole when none was begun. */
export function toRetry({ status, cells }: { status: Status; cells: readonly Cell[] }): readonly Cell[] | null {
  if (status !== 'failed' && status !== 'cancelled') return null;
  return cells.filter((cell) => cell.status !== 'success');
}

export interface Axis {
  name: string;
  values: readonly string[];
}

/** How partitions are shown: as a grid of two lists, as a row of one, or as a list of whatever there is. */
export type Shape = { kind: 'grid'; rows: Axis; columns: Axis; at: ReadonlyMap<string, Cell> } | { kind: 'row'; axis: Axis } | { kind: 'list' } | { kind: 'none' };

/** Above this nobody reads a grid, and a browser draws it slowly. */
const MOST_IN_GRID = 2_000;

export function shapeOf(cells: readonly Cell[]): Shape {
  const names = Object.keys(cells[0]?.values ?? {});
  const axes = names.map((name) => ({ name, values: [...new Set(cells.map(({ values }) => values[name] ?? ''))] }));
  const [first, second] = axes;
  if (!first) return { kind: 'none' };
  if (axes.length > 2 || cells.length > MOST_IN_GRID) return { kind: 'list' };
  if (!second) return { kind: 'row', axis: first };
  // The longer list goes downwards, where there is room.
  const [rows, columns] = second.values.length > first.values.length ? [second, first] : [first, second];
  const at = new Map(cells.map((cell) => [placeOf(cell.values[rows.name] ?? '', cell.values[columns.name] ?? ''), cell]));
  return { kind: 'grid', rows, columns, at };
}

/** No value holds a slash. */
export const placeOf = (row: string, column: string): string => `${row}/${column}`;

/** How far a partition is, from 0 to 1; `null` while that is not known. */
export function partOf({ pages_done, pages_total }: Pick<Cell, 'pages_done' | 'pages_total'>): number | null {
  return pages_total ? Math.min(1, pages_done / pages_total) : null;
}

export const rowsOf = ({ new: fresh, changed, same }: Pick<Cell, 'new' | 'changed' | 'same'>): number => fresh + changed + same;

/** How many partitions stand in each state. */
export function tally(cells: readonly Cell[]): ReadonlyMap<Status, number> {
  const counts = new Map<Status, number>();
  for (const { status } of cells) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

export const STEPS = ['reach', 'login', 'page'] as const;
export type Step = (typeof STEPS)[number];
export type Outcome = 'done' | 'failed' | 'not reached';

/** The server says in words where a test ended, and these begin with what failed. */
export function stepsOf({ login }: Pick<Source, 'login'>, { ok, error }: Pick<Tested, 'ok' | 'error'>): { step: Step; outcome: Outcome }[] {
  const steps = STEPS.filter((step) => step !== 'login' || login);
  const failed = ok ? -1 : steps.indexOf(endOf(error ?? '', Boolean(login)));
  return steps.map((step, place) => ({ step, outcome: ok || place < failed ? 'done' : place === failed ? 'failed' : 'not reached' }));
}

function endOf(error: string, hasLogin: boolean): Step {
  if (/not reached|in time|did not answer within|\[egress\]|no partition/.test(error)) return 'reach';
  return hasLogin && /\blogin\b/.test(error) ? 'login' : 'page';
}

/** The run whose end a source waits for, or the last one. */
export const lastRun = ({ last_run }: Source): Run | null => last_run ?? null;
export const isRunning = ({ last_run }: Source): boolean => Boolean(last_run && !isOver(last_run));
