import { describe, expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import { complete } from '../../lib/preferences';
import type { BulkAnswers, Task } from './api';
import { clashes, columns, endOfWeek, groupOf, inverse, isOverdue, moved, onDay, ordered, rankAfter, stepped, toPlace } from './model';

const formats = new Formats(complete({}, 'fa'));
const named = { id: 'u', name: 'Sara' };
const task = (id: string, more: Partial<Task> = {}): Task => ({
  id, number: 1, title: id, description: '', status: 'todo', priority: 'none', assignees: [], due: null, labels: [], checklist: [], files: [], documents: [], meetings: [],
  rank: id, comments: 0, version: 1, created_at: '', created_by: named, updated_at: '', updated_by: named, done_at: null, deleted_at: null, ...more,
});
const now = Date.parse('2026-11-22T08:00:00Z');

describe('a due date', () => {
  it('is over with its day or its moment, and never for what is done', () => {
    const late = (due: string, status: Task['status'] = 'todo') => isOverdue({ due, status }, formats, now);
    expect([late('2026-11-21'), late('2026-11-22'), late('2026-11-22T07:00:00Z'), late('2026-11-22T09:00:00Z'), late('2026-11-01', 'done')]).toEqual([true, false, true, false, false]);
  });

  it('puts a task into a group of one’s own week', () => {
    expect([endOfWeek('2026-11-22', true), endOfWeek('2026-11-27', true), endOfWeek('2026-11-28', true), endOfWeek('2026-11-23', false)]).toEqual(['2026-11-27', '2026-11-27', '2026-12-04', '2026-11-29']);
    const group = (due: string | null) => groupOf(task('a', { due }), formats, now, '2026-11-27');
    expect([null, '2026-11-20', '2026-11-22T09:00:00Z', '2026-11-27', '2026-11-28'].map(group)).toEqual(['never', 'overdue', 'today', 'week', 'later']);
  });

  it('keeps its time of the day on another day', () => {
    expect(onDay('2026-11-22', '2026-11-25', formats)).toBe('2026-11-25');
    expect(onDay('2026-11-22T06:30:00.000Z', '2026-11-25', formats)).toBe('2026-11-25T06:30:00.000Z');
  });
});

describe('a card', () => {
  const all = columns([task('c'), task('a'), task('b'), task('x', { status: 'doing' })]);
  const at = (id: string) => all.todo.find((one) => one.id === id)!;
  const to = (id: string, step: 'up' | 'down' | 'before' | 'after') => {
    const spot = stepped(all, at(id), step);
    return spot && [spot.status, spot.after?.id ?? null];
  };

  it('steps up, down and into the next column', () => {
    expect(all.todo.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect([to('a', 'up'), to('b', 'up'), to('c', 'up'), to('a', 'down'), to('c', 'down')]).toEqual([null, ['todo', null], ['todo', 'a'], ['todo', 'b'], null]);
    expect([to('a', 'before'), to('a', 'after'), to('c', 'after')]).toEqual([null, ['doing', null], ['doing', 'x']]);
  });

  it('names a neighbour to the server, and stands in its place meanwhile', () => {
    expect(toPlace(at('c'), { status: 'todo', after: at('a') }, all.todo)).toEqual({ status: 'todo', version: 1, after: 'a' });
    expect(toPlace(at('c'), { status: 'todo', after: null }, all.todo)).toEqual({ status: 'todo', version: 1, before: 'a' });
    expect(toPlace(at('c'), { status: 'review', after: null }, [])).toEqual({ status: 'review', version: 1 });
    const shown = columns([at('a'), at('b'), { ...at('c'), rank: rankAfter(at('a')) }]);
    expect(shown.todo.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  });
});

it('an order is taken back from each as it was before', () => {
  const before = [task('a'), task('b', { status: 'doing', labels: ['x'] }), task('c', { status: 'done' })];
  const answers = (order: Parameters<typeof ordered>[1], skip: string): BulkAnswers => ({
    changed: 2, refused: 0, items: before.map((one) => ({ id: one.id, task: { ...ordered(one, order), version: 2 }, changed: one.id !== skip })),
  });
  expect(inverse({ status: 'done' }, before, answers({ status: 'done' }, 'c'))).toEqual([
    { status: 'todo', tasks: [{ id: 'a', version: 2 }] },
    { status: 'doing', tasks: [{ id: 'b', version: 2 }] },
  ]);
  expect(inverse({ add_labels: ['x'] }, before, answers({ add_labels: ['x'] }, 'b'))).toEqual([{ remove_labels: ['x'], tasks: [{ id: 'a', version: 2 }, { id: 'c', version: 2 }] }]);
  expect(inverse({ action: 'delete' }, before, answers({ action: 'delete' }, ''))[0]?.action).toBe('restore');
});

it('changes clash only in the fields that both made otherwise', () => {
  const base = task('a', { title: 'old', description: 'old' });
  expect(clashes({ title: 'mine' }, base, { ...base, description: 'theirs' })).toEqual([]);
  expect(clashes({ title: 'mine' }, base, { ...base, title: 'theirs' })).toEqual(['title']);
  expect(clashes({ title: 'same' }, base, { ...base, title: 'same' })).toEqual([]);
});

it('one of a list is moved', () => expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']));
