import { describe, expect, it } from 'vitest';
import { byName, holds } from './collate';

describe('names', () => {
  it('follow the Persian alphabet', () => {
    expect(['گل', 'ماه', 'چای', 'پدر', 'آب', 'ژرف', 'کتاب', 'یار', 'بهار'].sort(byName)).toEqual([
      'آب', 'بهار', 'پدر', 'چای', 'ژرف', 'کتاب', 'گل', 'ماه', 'یار',
    ]);
  });

  it('count as people do', () => {
    expect(['جلسهٔ 10', 'جلسهٔ 9'].sort(byName)).toEqual(['جلسهٔ 9', 'جلسهٔ 10']);
  });

  it.each([
    ['می‌روم', 'میروم'],
    ['می‌روم', 'می روم'],
    ['میروم', 'می‌روم'],
    ['كتاب', 'کتاب'],
    ['مُدیر', 'مدیر'],
    ['۱۴۰۵', '1405'],
    ['1405', '۱۴۰۵'],
    ['Sprint Planning', 'sprint'],
    ['شوراي آموزشی', 'شورای اموزشی'],
    ['کـــتاب', 'کتاب'],
  ])('%s holds %s', (text, query) => {
    expect(holds(text, query)).toBe(true);
  });

  it('do not hold everything', () => {
    expect(holds('کتاب', 'دفتر')).toBe(false);
  });
});
