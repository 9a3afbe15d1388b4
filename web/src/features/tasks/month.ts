// A month of the reader's calendar as weeks of days, each written `2026-11-20`.

import { toGregorian, toJalali, type Day } from '../../lib/jalali';
import { addDays } from '../../lib/zone';

type Calendar = 'persian' | 'gregory';

/** Days of the week as `Date` counts them: Saturday, Monday. */
const FIRST: Record<Calendar, number> = { persian: 6, gregory: 1 };

function read(day: string): Day {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return { year, month, day: date };
}

const write = ({ year, month, day }: Day): string => addDays(new Date(Date.UTC(year, month - 1, 1)).toISOString().slice(0, 10), day - 1);

/** How the calendar counts a day. */
export const inCalendar = (day: string, calendar: Calendar): Day => (calendar === 'persian' ? toJalali(read(day)) : read(day));

/** The first day of a month so many months later. */
export function firstOf(day: string, calendar: Calendar, later = 0): string {
  const { year, month } = inCalendar(day, calendar);
  const all = year * 12 + month - 1 + later;
  const first = { year: Math.floor(all / 12), month: (all % 12) + 1, day: 1 };
  return write(calendar === 'persian' ? toGregorian(first) : first);
}

/** Whole weeks, with the days before and after the month that they need. */
export function weeksOf(day: string, calendar: Calendar): string[][] {
  const [begins, ends] = [firstOf(day, calendar), firstOf(day, calendar, 1)];
  const lead = (new Date(begins).getUTCDay() - FIRST[calendar] + 7) % 7;
  const weeks: string[][] = [];
  for (let at = addDays(begins, -lead); at < ends; at = addDays(at, 7)) weeks.push(Array.from({ length: 7 }, (_, i) => addDays(at, i)));
  return weeks;
}
