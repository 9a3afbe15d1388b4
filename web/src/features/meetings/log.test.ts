import { expect, it } from 'vitest';
import { joinLines } from './log';

it.each([
  [['a', 'b'], [], ['a', 'b']],
  [['a', 'b'], ['c'], ['a', 'b', 'c']],
  [['a', 'b', 'c'], ['b', 'c', 'd'], ['a', 'b', 'c', 'd']],
  [['a', 'x', 'x'], ['x', 'x', 'b'], ['a', 'x', 'x', 'b']],
  [[], ['a'], ['a']],
])('%j and %j are %j', (tail, followed, all) => {
  expect(joinLines(tail, followed)).toEqual(all);
});
