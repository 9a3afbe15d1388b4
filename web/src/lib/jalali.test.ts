import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStamp, toGregorian, toJalali } from './jalali';

/** The table that the server's calendar is tested with: year and Gregorian day of its Nowruz. */
const TABLE = readFileSync('../crates/dabir-core/tests/nowruz.txt', 'utf8');
const NOWRUZ = TABLE.split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => line.split(' ') as [string, string])
  .filter(([year]) => Number(year) >= 1300);

describe('the Persian calendar', () => {
  it("begins its years when the server's does", () => {
    const ours = NOWRUZ.map(([year]) => {
      const first = toGregorian({ year: Number(year), month: 1, day: 1 });
      return [year, new Date(Date.UTC(first.year, first.month - 1, first.day)).toISOString().slice(0, 10)];
    });
    expect(ours).toEqual(NOWRUZ);
    expect(ours.length).toBeGreaterThan(190);
  });

  it('agrees with the browser on every day of 1300 to 1500', () => {
    const browser = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', { year: 'numeric', month: 'numeric', day: 'numeric', timeZone: 'UTC' });
    const end = Date.UTC(2122, 2, 20);
    const differing = [];
    for (let at = Date.UTC(1921, 2, 21); at < end; at += 86_400_000) {
      const date = new Date(at);
      const ours = toJalali({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
      const theirs = browser.format(date).replace(/ .*/, '');
      if (`${ours.month}/${ours.day}/${ours.year}` !== theirs) differing.push(theirs);
    }
    expect(differing).toEqual([]);
  });
});

describe('a stamp of the port file', () => {
  it('is a wall clock', () => {
    expect(readStamp('1403/05/01 12:10 doshanbe')?.toISOString()).toBe('2024-07-22T12:10:00.000Z');
  });

  it('may be something else', () => {
    expect(readStamp('yesterday')).toBeNull();
  });
});
