import * as v from 'valibot';
import { expect, it } from 'vitest';
import { TasksSearch, toFilter, toSort } from './search';

it('an address without sense shows all tasks, the newest first', () => {
  const search = v.parse(TasksSearch, { view: 'tree', status: 'lost', due: '?', month: '2026-13-01', task: 'x' });
  expect([toFilter(search, '2026-11-22'), toSort(search)]).toEqual([{}, '-number']);
});

it('filters ask the server in its words', () => {
  expect(toFilter({ q: ' a ', status: 'open', due: 'week', assignee: 'me' }, '2026-11-22')).toEqual({ q: 'a', status: 'todo,doing,review', due_after: '2026-11-22', due_before: '2026-11-29', assignee: 'me' });
  expect(toFilter({ due: 'overdue' }, '2026-11-22')).toEqual({ overdue: true });
});
