import { expect, it } from 'vitest';
import { merge, moveCaret } from './merge';

it.each([
  ['nobody changed', 'a\nb', 'a\nb', 'a\nb', 'a\nb'],
  ['only I changed', 'a\nb', 'a\nB', 'a\nb', 'a\nB'],
  ['only they changed', 'a\nb', 'a\nb', 'A\nb', 'A\nb'],
  ['both made the same change', 'a', 'x', 'x', 'x'],
  ['different lines', 'a\nb\nc', 'A\nb\nc', 'a\nb\nC', 'A\nb\nC'],
  ['they above me', 'a\nb\nc', 'a\nb\nC', 'new\na\nb\nc', 'new\na\nb\nC'],
  ['one removes, one adds', 'a\nb\nc\nd', 'a\nc\nd', 'a\nb\nc\nd\ne', 'a\nc\nd\ne'],
  ['the same line', 'a\nb', 'a\nmine', 'a\ntheirs', null],
  ['two insertions at one place', '', 'mine', 'theirs', null],
  ['overlapping stretches', 'a\nb\nc', 'x\ny\nc', 'a\ny\nz', null],
])('%s', (_, base, mine, theirs, expected) => {
  expect(merge(base, mine, theirs)).toBe(expected);
  expect(merge(base, theirs, mine)).toBe(expected);
});

it('no letter of either side is lost when a merge succeeds', () => {
  const base = Array.from({ length: 6 }, (_, i) => `line ${i}`);
  for (let mine = 0; mine < 6; mine++) {
    for (let theirs = 0; theirs < 6; theirs++) {
      if (mine === theirs) continue;
      const edited = (at: number, text: string) => base.map((line, i) => (i === at ? text : line)).join('\n');
      const merged = merge(base.join('\n'), edited(mine, 'mine'), edited(theirs, 'theirs')) ?? '';
      expect(merged.split('\n').filter((line) => line === 'mine' || line === 'theirs')).toHaveLength(2);
    }
  }
});

it.each([
  ['text before the caret grows', 'abc', 'xxabc', 3, 5],
  ['text before the caret shrinks', 'xxabc', 'abc', 5, 3],
  ['text after the caret changes', 'abc', 'abcdef', 1, 1],
  ['the caret stood in what went', 'abcdef', 'af', 3, 1],
])('the caret stays at its letter when %s', (_, before, after, at, expected) => {
  expect(moveCaret(before, after, at)).toBe(expected);
});
