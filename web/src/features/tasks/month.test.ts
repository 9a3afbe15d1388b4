import { expect, it } from 'vitest';
import { firstOf, inCalendar, weeksOf } from './month';

it('a Persian month begins its weeks on Saturday', () => {
  const weeks = weeksOf('2026-11-30', 'persian');
  expect([weeks[0]?.[0], weeks.at(-1)?.[6], weeks.length]).toEqual(['2026-11-21', '2026-12-25', 5]);
  expect(weeks.flat().filter((day) => inCalendar(day, 'persian').month === 9)).toHaveLength(30);
});

it('a Gregorian one on Monday', () => {
  const weeks = weeksOf('2026-11-30', 'gregory');
  expect([weeks[0]?.[0], weeks.at(-1)?.[6]]).toEqual(['2026-10-26', '2026-12-06']);
});

it('months follow each other over the years', () => {
  expect([firstOf('2027-03-20', 'persian', 1), firstOf('2027-03-21', 'persian', -1)]).toEqual(['2027-03-21', '2027-02-20']);
  expect([firstOf('2026-12-31', 'gregory', 1), firstOf('2026-01-31', 'gregory', -1)]).toEqual(['2027-01-01', '2025-12-01']);
});
