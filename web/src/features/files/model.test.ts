import * as v from 'valibot';
import { expect, it } from 'vitest';
import type { FilePage, StoredFile } from './api';
import { easeWord, FAILURES, isWebAddress, languageName, pageOf, readingMinutes } from './found';
import { KIND_NAMES } from './kinds';
import { laidOver } from './live';
import { kindOf, KINDS } from './model';
import { FilesSearch, toFilter } from './search';

it('an address that makes no sense shows all files', () => {
  expect(toFilter(v.parse(FilesSearch, { q: ' گزارش ', kind: 'pdf', state: 'failed', show: 'mine' }))).toEqual({ q: 'گزارش', kind: 'pdf', state: 'failed', mine: true });
  expect(toFilter(v.parse(FilesSearch, { q: '  ', kind: 'what', state: 1, show: 'all' }))).toEqual({});
  expect(toFilter(v.parse(FilesSearch, { show: 'deleted' }))).toEqual({ deleted: true });
});

it('every kind has its words, and an unknown one is of another kind', () => {
  expect(Object.keys(KINDS)).toEqual([...KIND_NAMES]);
  expect(kindOf({ kind: 'hologram' })).toBe(KINDS.other);
});

it('all reasons of the server have words', () => {
  const words = 'encrypted damaged unknown_kind ratio too_large too_many_entries overlap path too_deep entities too_many_pixels too_slow too_much_memory crashed no_reader helper';
  expect(Object.keys(FAILURES)).toEqual(words.split(' '));
});

it('says how hard a text is, how long it takes, and in which language it is', () => {
  expect([100, 80, 79.9, 45, 20, 0].map((ease) => easeWord(ease).message)).toEqual(['very easy', 'very easy', 'easy', 'of medium difficulty', 'hard', 'very hard']);
  expect([0, 29, 89, 90, 600].map(readingMinutes)).toEqual([1, 1, 1, 2, 10]);
  expect(languageName('persian', 'fa')).toBe('فارسی');
  expect(languageName('other', 'fa')).toBeNull();
});

it('only web addresses are links, and only known things have pages', () => {
  expect(['https://example.org/a', 'javascript:alert(1)', 'http:// x', 'mailto:a@example.org'].map(isWebAddress)).toEqual([true, false, false, false]);
  expect(pageOf({ subject_kind: 'task', subject_id: '4/2' })).toBe('/tasks/4%2F2');
  expect(pageOf({ subject_kind: 'cupboard', subject_id: '1' })).toBeUndefined();
});

it('a newer reading of the beginning takes the place of the old one, without those that are gone', () => {
  const file = (id: string, created_at: string) => ({ id, created_at }) as StoredFile;
  const page = (...items: StoredFile[]): FilePage => ({ items });
  const [a, b, c, d] = [file('a', '1'), file('b', '2'), file('c', '3'), file('d', '4')];
  expect(laidOver(page(d, b), [page(c, b), page(a)])).toEqual([page(d, b), page(a)]);
});
