import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isNumber, read } from './when';

interface Table {
  zone: string;
  groups: { about: string; now: string; says: Record<string, string | null> }[];
}

/** The table that the server's twin of the module is tested with. */
const { zone, groups } = JSON.parse(readFileSync('../crates/dabir-core/tests/when.json', 'utf8')) as Table;

function shown(text: string, now: number): string | null {
  const when = read(text, now, zone);
  return when?.at ? new Date(when.at).toLocaleString('sv-SE', { timeZone: zone }).replace(' ', 'T').slice(0, 16) : (when?.day ?? null);
}

it.each(groups)('every row of the table means what it says: $about', ({ now, says }) => {
  const meant = Object.fromEntries(Object.keys(says).map((text) => [text, shown(text, Date.parse(now))]));
  expect(meant).toEqual(says);
  expect(Object.keys(says).length).toBeGreaterThan(3);
});

it('no text makes it stumble', () => {
  const pieces = ['فردا', '10', '99999', 'next', 'sat', 'in', 'week', 'ماه', '9999', 'بعد', '12:61', ':', '/', '-', 'آذر', '1405/9/25', 'pm', 'شب', 'نیم', 'ساعت', '\u200c', '\0', 'feb', '30'];
  for (const a of pieces) for (const b of pieces) for (const c of pieces) read(`${a} ${b} ${c}`, Date.parse('2026-11-18T06:30:00Z'), zone);
});

it('numbers are known in figures and letters', () => {
  expect(['۲', '10', 'ده', 'two', 'فردا', '۱۰:۳۰'].map(isNumber)).toEqual([true, true, true, true, false, false]);
});
