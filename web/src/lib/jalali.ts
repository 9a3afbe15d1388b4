// Days of the Persian calendar, and the stamps in which the port file writes them.

import { CalendarDate, CalendarDateTime, GregorianCalendar, PersianCalendar, toCalendar } from '@internationalized/date';

const persian = new PersianCalendar();
const gregorian = new GregorianCalendar();

export interface Day {
  year: number;
  month: number;
  day: number;
}

export function toJalali({ year, month, day }: Day): Day {
  const there = toCalendar(new CalendarDate(gregorian, year, month, day), persian);
  return { year: there.year, month: there.month, day: there.day };
}

export function toGregorian({ year, month, day }: Day): Day {
  const there = toCalendar(new CalendarDate(persian, year, month, day), gregorian);
  return { year: there.year, month: there.month, day: there.day };
}

/** `1403/05/01 12:00 doshanbe`: a moment in the server's zone, so it is shown as a wall clock; `null` when it is no stamp. */
export function readStamp(stamp: string): Date | null {
  const match = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2})/.exec(stamp);
  if (!match) return null;
  const [year, month, day, hour, minute] = match.slice(1).map(Number) as [number, number, number, number, number];
  return toCalendar(new CalendarDateTime(persian, year, month, day, hour, minute), gregorian).toDate('UTC');
}
