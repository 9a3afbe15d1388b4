import { expect, it } from 'vitest';
import type { Folder, Version } from './api';
import { byDay, fileName, flat, may, newAnchor, targets, treeOf, wayTo } from './model';

const folder = (id: string, title: string, parent: string | null = null, most: Folder['right'] = 'own') => ({ id, title, parent, 'right': most }) as Folder;
const FOLDERS = [folder('b', 'ب'), folder('a', 'آ'), folder('a2', 'دوم', 'a'), folder('a1', 'یکم', 'a2'), folder('lost', 'ی', 'unseen', 'view')];

it('folders lie in each other in the order of their names, and what lies in none that is seen stands at the top', () => {
  expect(flat(treeOf(FOLDERS)).map(({ folder: { id }, depth }) => [id, depth])).toEqual([['a', 0], ['a2', 1], ['a1', 2], ['b', 0], ['lost', 0]]);
  expect(wayTo(FOLDERS, 'a1').map(({ id }) => id)).toEqual(['a', 'a2', 'a1']);
  expect(wayTo(FOLDERS, 'nothing')).toEqual([]);
});

it('nothing is put where one may not write, and no folder into itself', () => {
  expect(targets(FOLDERS, null).map(({ folder: { id } }) => id)).toEqual(['a', 'a2', 'a1', 'b']);
  expect(targets(FOLDERS, 'a2').map(({ folder: { id } }) => id)).toEqual(['a', 'b']);
});

it('a right holds all that lesser ones do', () => {
  expect(may('own', 'edit')).toBe(true);
  expect(may('comment', 'comment')).toBe(true);
  expect(may('view', 'comment')).toBe(false);
});

it('versions stand below their day, in their order', () => {
  const version = (number: number, at: string) => ({ number, at }) as Version;
  const days = byDay([version(3, '2026-11-22T10'), version(2, '2026-11-22T09'), version(1, '2026-11-20T09')], (at) => at.slice(0, 10));
  expect(days.map(([day, those]) => [day, those.map(({ number }) => number)])).toEqual([['2026-11-22', [3, 2]], ['2026-11-20', [1]]]);
});

it('a title becomes a name that every disk takes', () => {
  expect(fileName('صورت‌جلسه: ۱/۲', 'docx')).toBe('صورت‌جلسه  ۱ ۲.docx');
  expect(fileName('???', 'md')).toBe('document.md');
});

it('a mark has a name that the server takes', () => {
  expect(newAnchor()).toMatch(/^[a-z0-9]{20}$/);
});
