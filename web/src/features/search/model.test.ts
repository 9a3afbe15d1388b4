import { expect, it } from 'vitest';
import type { Hit } from './api';
import { groupsOf, hintsFor, keyOf, placeOf } from './model';

const hit = (kind: string, id: string): Hit => ({ kind, id, title: id, snippet: [], updated_at: '2026-11-20T08:00:00Z' });

it('what was found stands by kind, that of the best hit first, a few of each', () => {
  const hits = [hit('task', '1'), hit('document', 'a'), hit('task', '2'), hit('comet', 'x'), hit('task', '3')];
  expect(groupsOf(hits, 2).map(({ kind, hits }) => [kind, hits.map(keyOf)])).toEqual([
    ['task', ['task 1', 'task 2']],
    ['document', ['document a']],
  ]);
  expect(groupsOf([], 2)).toEqual([]);
});

it('each leads to its page; a person to what they have to do, for those who have no page of people', () => {
  expect(placeOf(hit('document', 'd'), false)).toEqual({ to: '/documents/$id', params: { id: 'd' } });
  expect(placeOf(hit('task', 't'), false)).toEqual({ to: '/tasks/$id', params: { id: 't' } });
  expect(placeOf(hit('file', 'f'), false)).toEqual({ to: '/files/$id', params: { id: 'f' } });
  expect(placeOf(hit('client', 'ali'), false)).toEqual({ to: '/clients/$username', params: { username: 'ali' } });
  expect(placeOf(hit('user', 'u'), true)).toEqual({ to: '/users', search: { user: 'u' } });
  expect(placeOf(hit('user', 'u'), false)).toEqual({ to: '/tasks', search: { assignee: 'u' } });
});

it.each([
  ['بودجه', []],
  [' بودجه ', []],
  ['well-known', []],
  ['بودجه سال', ['fewer']],
  ['«بودجه', ['quotes']],
  ['"annual budget"', ['quotes', 'fewer']],
  ['budget -draft', ['without', 'fewer']],
  ['-draft', ['without']],
])('of %j there is this to try: %j', (q, hints) => {
  expect(hintsFor({ q, kinds: [] })).toEqual(hints);
});
