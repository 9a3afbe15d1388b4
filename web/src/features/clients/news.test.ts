import { expect, it } from 'vitest';
import { client } from '../../testing/client';
import { added, column, isFound, laidOver, NO_NEWS, offsetOf } from './news';

const names = (clients: readonly { username: string }[]) => clients.map(({ username }) => username);
const blocked = { state: 'blocked', blocked: true } as const;

it('what changed after a page was read is laid over it, and what it knew already is not', () => {
  const pages = [
    { offset: 10, items: [client('ali'), client('mina')] },
    { offset: 20, items: [client('reza'), client('sara', blocked)] },
  ];
  const news = added(NO_NEWS, [
    { offset: 12, items: [client('ali', { name: 'Ali' }), client('sara')], gone: [] },
    { offset: 13, items: [], gone: ['mina'] },
  ]);
  const rows = laidOver(pages, news, {}, true);
  expect(rows.map(({ username, name, state }) => [username, name, state])).toEqual([
    ['ali', 'Ali', 'deactivated'],
    ['reza', 'reza', 'deactivated'],
    ['sara', 'sara', 'blocked'],
  ]);
  expect(offsetOf(pages)).toBe(10);
  expect(offsetOf([])).toBeUndefined();
});

it('whoever comes to fit a filter takes their place, whoever does not any more leaves', () => {
  const pages = [{ offset: 1, items: [client('b', blocked), client('d', blocked)] }];
  const news = added(NO_NEWS, [{ offset: 2, items: [client('a', blocked), client('c', blocked), client('e', blocked), client('d')], gone: [] }]);
  expect(names(laidOver(pages, news, { state: 'blocked' }, false))).toEqual(['a', 'b', 'c', 'e']);
  // Beyond the last row that is read there may be others before them.
  expect(names(laidOver(pages, news, { state: 'blocked' }, true))).toEqual(['a', 'b', 'c']);
});

it('a page that was read later knows better who is not on it', () => {
  const news = added(NO_NEWS, [{ offset: 2, items: [client('c', blocked)], gone: [] }]);
  expect(names(laidOver([{ offset: 5, items: [client('a', blocked), client('d', blocked)] }], news, { state: 'blocked' }, false))).toEqual(['a', 'd']);
});

it('a filter finds whom the server finds', () => {
  const mina = client('mina', { name: 'مینا كريمي', source: 'room', room: 'class', places: [{ place: 'hall', state: 'connected', since: '', heartbeat_at: null }] });
  for (const filter of [{ q: 'کریمی' }, { q: 'MINA کري' }, { room: 'class' }, { room: 'hall' }, { source: 'room' as const }, {}]) expect(isFound(mina, filter)).toBe(true);
  for (const filter of [{ q: 'کریمی ali' }, { room: 'board' }, { source: 'hand' as const }, { state: 'active' as const }]) expect(isFound(mina, filter)).toBe(false);
});

it('on the board whoever moved last comes first, then whoever was seen last, and no more than are drawn', () => {
  const pages = [{ offset: 1, items: [client('a'), client('b', { last_seen: '2026-11-21T10:00:00Z' }), client('c'), client('d')] }];
  const news = added(NO_NEWS, [
    { offset: 2, items: [client('x'), client('d')], gone: [] },
    { offset: 3, items: [client('c', blocked), client('x')], gone: ['a'] },
  ]);
  expect(names(column('deactivated', pages, news, 3))).toEqual(['x', 'd', 'b']);
  expect(names(column('blocked', [], news, 3))).toEqual(['c']);
});
