// Dates as people say them: «فردا ۱۰», «شنبهٔ بعد», `next Sat`, `in 2 weeks`, «۲۵ آذر». The twin of `dabir_core::when`: both
// pass the same table. A week begins on Saturday: a weekday alone is the coming one, the *next* one that of the next week.

import { fold } from './collate';
import { toGregorian, toJalali } from './jalali';
import { dayAt, momentOf } from './zone';

/** What somebody said: a whole day such as `2026-11-20`, or a moment. */
export type When = { day: string; at?: never } | { at: string; day?: never };

type Calendar = 'jalali' | 'gregorian';
type Unit = { unit: 'minute' | 'hour' | 'day' | 'week' } | { unit: 'month' | 'year'; calendar: Calendar };
type Part = 'am' | 'pm' | 'morning' | 'noon' | 'afternoon' | 'evening' | 'night';

/** A word or a number, by what it means. Days are counted from the beginning of 1970. */
type Token =
  | { is: 'number'; n: number }
  | { is: 'clock'; hour: number; minute: number }
  | { is: 'date'; day: number }
  | { is: 'ahead'; days: number }
  | { is: 'weekday'; day: number }
  | { is: 'month'; calendar: Calendar; month: number }
  | ({ is: 'unit' } & Unit)
  | { is: 'part'; part: Part }
  | { is: 'tonight' | 'next' | 'this' | 'later' | 'in' | 'at' | 'half' | 'quarter' | 'filler' };

/** A time of the day; midnight at the end of a day belongs to the next. A number alone is not clear: it may be anything. */
interface Hour {
  hour: number;
  minute: number;
  isNextDay: boolean;
  isClear: boolean;
}

/** What was read, and the tokens that follow. */
type Read<T> = [T, readonly Token[]];

const MAX_BYTES = 100;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const number = (n: number): Token => ({ is: 'number', n });
const month = (calendar: Calendar, month: number): Token => ({ is: 'month', calendar, month });
const part = (part: Part): Token => ({ is: 'part', part });

const MONTHS: Record<Calendar, readonly string[]> = {
  jalali: [
    'فروردین farvardin', 'اردی_بهشت ordibehesht', 'خرداد khordad', 'تیر tir', 'مرداد امرداد mordad', 'شهریور shahrivar',
    'مهر mehr', 'ابان aban', 'اذر azar', 'دی dey', 'بهمن bahman', 'اسفند esfand',
  ],
  gregorian: [
    'jan january ژانویه', 'feb february فوریه', 'mar march مارس', 'apr april اوریل', 'may مه', 'jun june ژوین',
    'jul july ژوییه', 'aug august اوت', 'sep sept september سپتامبر', 'oct october اکتبر', 'nov november نوامبر', 'dec december دسامبر',
  ],
};

const WEEKDAYS = [
  'شنبه sat saturday', 'یک_شنبه sun sunday', 'دو_شنبه mon monday', 'سه_شنبه tue tues tuesday', 'چهار_شنبه wed wednesday',
  'پنج_شنبه thu thur thurs thursday', 'جمعه fri friday',
];

const NUMBERS = ['یک one a an', 'دو two', 'سه three', 'چهار four', 'پنج five', 'شش six', 'هفت seven', 'هشت eight', 'نه nine', 'ده ten'];

/** Words as `fold` leaves them, several spellings with spaces between; `_` stands where there may be a space or a ZWNJ. */
const WORDS: readonly [string, Token][] = [
  ['امروز today', { is: 'ahead', days: 0 }],
  ['فردا tomorrow tmr tmrw', { is: 'ahead', days: 1 }],
  ['پس_فردا day_after_tomorrow', { is: 'ahead', days: 2 }],
  ['امشب tonight', { is: 'tonight' }],
  ...WEEKDAYS.map((words, day): [string, Token] => [words, { is: 'weekday', day }]),
  ...MONTHS.jalali.map((words, at): [string, Token] => [words, month('jalali', at + 1)]),
  ...MONTHS.gregorian.map((words, at): [string, Token] => [words, month('gregorian', at + 1)]),
  ['دقیقه min mins minute minutes', { is: 'unit', unit: 'minute' }],
  ['ساعت h hour hours', { is: 'unit', unit: 'hour' }],
  ['روز day days', { is: 'unit', unit: 'day' }],
  ['هفته week weeks', { is: 'unit', unit: 'week' }],
  ['ماه', { is: 'unit', unit: 'month', calendar: 'jalali' }],
  ['month months', { is: 'unit', unit: 'month', calendar: 'gregorian' }],
  ['سال', { is: 'unit', unit: 'year', calendar: 'jalali' }],
  ['year years', { is: 'unit', unit: 'year', calendar: 'gregorian' }],
  ['بعد بعدی اینده next', { is: 'next' }],
  ['این همین this', { is: 'this' }],
  ['دیگر دیگه later from_now from_today', { is: 'later' }],
  ['in', { is: 'in' }],
  ['at @', { is: 'at' }],
  ['am a.m', part('am')],
  ['pm p.m', part('pm')],
  ['صبح morning', part('morning')],
  ['ظهر noon', part('noon')],
  ['بعد_از_ظهر afternoon', part('afternoon')],
  ['عصر evening', part('evening')],
  ['شب night', part('night')],
  ['نیم و_نیم half_an', { is: 'half' }],
  ['ربع و_ربع quarter_of_an', { is: 'quarter' }],
  ...NUMBERS.map((words, at): [string, Token] => [words, number(at + 1)]),
  ['on by the of t تا در st nd rd th ام م ی', { is: 'filler' }],
];

const SPELLINGS = WORDS.flatMap(([words, token]) => words.split(' ').map((word) => [word.split('_'), token] as const));

/** What `text` means to somebody who says it at `now` in this zone; `null` when it means nothing here. */
export function read(text: string, now: number, zone: string): When | null {
  if (INSTANT.test(text.trim())) return moment(Date.parse(text.trim()));
  const all = tokens(text);
  return all && understand(all, { now, zone, today: toCount(dayAt(now, zone)) });
}

/** Whether a word is a number alone, in figures or letters. */
export function isNumber(word: string): boolean {
  const all = tokens(word);
  return all?.length === 1 && all[0]?.is === 'number';
}

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$/i;
const GAP = /^[\s\u200c,،.]+/;

const cut = (text: string): string => text.replace(GAP, '');
const toCount = (day: string): number => Date.parse(day) / DAY_MS;
const toDay = (count: number): string => new Date(count * DAY_MS).toISOString().slice(0, 10);
const moment = (at: number): When | null => (Number.isNaN(at) ? null : { at: new Date(at).toISOString() });

/** `null` when there is a word that means nothing here. */
function tokens(text: string): Token[] | null {
  if (new TextEncoder().encode(text).length > MAX_BYTES) return null;
  const found: Token[] = [];
  let rest = cut(fold(text));
  while (rest) {
    const next = figures(rest) ?? word(rest);
    if (!next) return null;
    const [token, length] = next;
    if (token.is !== 'filler') found.push(token);
    rest = cut(rest.slice(length));
  }
  return found;
}

/** A number, a time of the day or a date at the beginning of `text`, and its length. */
function figures(text: string): [Token, number] | null {
  const shown = /^[\d:/-]+/.exec(text)?.[0];
  if (!shown) return null;
  const by = [':', '-', '/'].find((sign) => shown.includes(sign)) ?? '/';
  const parts = shown.split(by).map(whole);
  const token = parts.every((part) => part !== null) ? meaning(by, parts) : null;
  return token && [token, shown.length];
}

/** The largest number that the server's twin holds. */
const MOST = 32_767;
const whole = (text: string): number | null => (/^\d+$/.test(text) && Number(text) <= MOST ? Number(text) : null);

function meaning(by: string, parts: readonly number[]): Token | null {
  const [first = 0, second = 0, third = 0] = parts;
  if (by === ':') return (parts.length === 2 || (parts.length === 3 && third < 60)) && first < 24 && second < 60 ? { is: 'clock', hour: first, minute: second } : null;
  if (parts.length === 1) return number(first);
  const day = parts.length === 3 ? fullDate(first, second, third) : null;
  return day === null ? null : { is: 'date', day };
}

/** The year says of which calendar it is. */
function fullDate(year: number, month: number, day: number): number | null {
  if (year >= 1200 && year < 1600) return dateIn('jalali', year, month, day);
  return year >= 1900 && year < 2400 ? dateIn('gregorian', year, month, day) : null;
}

/** The last year of which the server's twin knows the days. */
const LAST_YEAR = 9_999;

/** A day of a calendar, if it has it. */
function dateIn(calendar: Calendar, year: number, month: number, day: number): number | null {
  const asked = { year, month, day };
  const there = calendar === 'jalali' ? toGregorian(asked) : asked;
  if (there.year > LAST_YEAR) return null;
  const count = Date.UTC(there.year, there.month - 1, there.day) / DAY_MS;
  const back = calendar === 'jalali' ? toJalali(parts(count)) : parts(count);
  return back.year === year && back.month === month && back.day === day ? count : null;
}

function parts(count: number): { year: number; month: number; day: number } {
  const date = new Date(count * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The longest word at the beginning of `text`, and its length there. */
function word(text: string): [Token, number] | null {
  let longest: [Token, number] | null = null;
  for (const [spelling, token] of SPELLINGS) {
    const length = lengthOf(spelling, text);
    if (length > (longest?.[1] ?? 0)) longest = [token, length];
  }
  return longest;
}

/** How much of `text` is the word that it begins with. */
function lengthOf(spelling: readonly string[], text: string): number {
  let rest = text;
  for (const piece of spelling) {
    rest = cut(rest);
    if (!rest.startsWith(piece)) return 0;
    rest = rest.slice(piece.length);
  }
  return /^\p{Alphabetic}/u.test(rest) ? 0 : text.length - rest.length;
}

/** Who says something, when and where. */
interface Here {
  now: number;
  zone: string;
  today: number;
}

function understand(all: readonly Token[], here: Here): When | null {
  const soon = inMinutes(all);
  if (soon !== null) return moment((Math.floor(here.now / MINUTE_MS) + soon) * MINUTE_MS);
  const first = day(all, here);
  if (first) {
    const [date, rest] = first;
    if (rest.length === 0) return { day: toDay(date) };
    const then = hour(rest);
    return then?.[1].length === 0 ? at(date, then[0], here) : null;
  }
  const clock = hour(all);
  if (!clock) return null;
  const [time, rest] = clock;
  if (rest.length === 0) return time.isClear ? coming(time, here) : null;
  const then = day(rest, here);
  return then?.[1].length === 0 ? at(then[0], time, here) : null;
}

const IS_AFTER: ReadonlySet<Token['is'] | undefined> = new Set(['later', 'next']);

/** So many minutes from now, where minutes or hours were said. */
function inMinutes(all: readonly Token[]): number | null {
  if (all.length !== 3) return null;
  const [a, b, c] = all;
  const [many, unit] = a?.is === 'in' ? [b, c] : IS_AFTER.has(c?.is) ? [a, b] : [];
  if (unit?.is !== 'unit') return null;
  const each = unit.unit === 'minute' ? 1 : unit.unit === 'hour' ? 60 : null;
  if (each === null) return null;
  if (many?.is === 'number') return many.n * each;
  if (each === 1) return null;
  return many?.is === 'half' ? 30 : many?.is === 'quarter' ? 15 : null;
}

/** The day that the tokens begin with. */
function day(all: readonly Token[], here: Here): Read<number> | null {
  const { today } = here;
  const [a, b, c] = all;
  const found = (date: number | null, used: number): Read<number> | null => (date === null ? null : [date, all.slice(used)]);
  switch (a?.is) {
    case 'date':
      return found(a.day, 1);
    case 'ahead':
      return found(today + a.days, 1);
    // What says tonight says an hour, too.
    case 'tonight':
      return [today, all.length === 1 ? [{ is: 'part', part: 'night' }] : all.slice(1)];
    case 'unit':
      if (a.unit === 'day' && b?.is === 'weekday') return day(all.slice(1), here);
      return b?.is === 'next' ? found(step(today, 1, a), 2) : null;
    case 'next':
      if (b?.is === 'weekday') return found(nextWeek(today, b.day), 2);
      return b?.is === 'unit' ? found(step(today, 1, b), 2) : null;
    case 'this':
      return b?.is === 'weekday' ? found(comingDay(today, b.day), 2) : null;
    case 'weekday':
      return weekday(a.day, all, found, today);
    case 'in':
      return b?.is === 'number' && c?.is === 'unit' ? found(step(today, b.n, c), 3) : null;
    case 'number':
      if (b?.is === 'unit' && IS_AFTER.has(c?.is)) return found(step(today, a.n, b), 3);
      return b?.is === 'month' ? dayOfMonth(today, b, a.n, all) : null;
    case 'month':
      return b?.is === 'number' ? dayOfMonth(today, a, b.n, all) : null;
    default:
      return null;
  }
}

function weekday(wanted: number, all: readonly Token[], found: (date: number | null, used: number) => Read<number> | null, today: number): Read<number> | null {
  const [, b, c] = all;
  const isWeek = (token: Token | undefined) => token?.is === 'unit';
  if ((b?.is === 'next' && isWeek(c) && isOfWeeks(c)) || (isWeek(b) && isOfWeeks(b) && c?.is === 'next')) return found(nextWeek(today, wanted), 3);
  return b?.is === 'next' ? found(nextWeek(today, wanted), 2) : found(comingDay(today, wanted), 1);
}

const isOfWeeks = (token: Token | undefined): boolean => token?.is === 'unit' && token.unit === 'week';

const mod = (n: number, by: number): number => ((n % by) + by) % by;
/** The first day of 1970 was a Thursday. */
const sinceSaturday = (count: number): number => mod(count + 5, 7);

/** The next such weekday after today. */
const comingDay = (today: number, wanted: number): number => today + (mod(wanted - sinceSaturday(today), 7) || 7);

/** That weekday of the week that begins with the coming Saturday. */
const nextWeek = (today: number, wanted: number): number => today + 7 - sinceSaturday(today) + wanted;

function step(from: number, count: number, unit: Unit): number | null {
  switch (unit.unit) {
    case 'day':
      return from + count;
    case 'week':
      return from + count * 7;
    case 'month':
      return months(from, count, unit.calendar);
    case 'year':
      return months(from, count * 12, unit.calendar);
    default:
      return null;
  }
}

/** The same day so many months later, or the last one of a month that is too short for it. */
function months(from: number, count: number, calendar: Calendar): number | null {
  const now = calendar === 'jalali' ? toJalali(parts(from)) : parts(from);
  const all = now.year * 12 + now.month - 1 + count;
  for (let day = now.day; day > 0; day--) {
    const date = dateIn(calendar, Math.floor(all / 12), mod(all, 12) + 1, day);
    if (date !== null) return date;
  }
  return null;
}

/** «۲۵ آذر», `Dec 12 2027`; without a year the coming one. */
function dayOfMonth(today: number, { calendar, month }: Token & { is: 'month' }, day: number, all: readonly Token[]): Read<number> | null {
  const third = all[2];
  if (third?.is === 'number' && third.n >= 1200 && third.n < 2400) {
    const date = dateIn(calendar, third.n, month, day);
    return date === null ? null : [date, all.slice(3)];
  }
  const { year } = calendar === 'jalali' ? toJalali(parts(today)) : parts(today);
  // The last day of a leap year comes again after eight years at the latest.
  for (let later = 0; later <= 8; later++) {
    const date = dateIn(calendar, year + later, month, day);
    if (date !== null && date >= today) return [date, all.slice(2)];
  }
  return null;
}

/** The time of the day that the tokens begin with. */
function hour(all: readonly Token[]): Read<Hour> | null {
  let rest = all;
  const take = () => {
    const [first, ...others] = rest;
    rest = others;
    return first;
  };
  const partOf = (): Part | null => (rest[0]?.is === 'part' ? (take() as Token & { is: 'part' }).part : null);
  const before = partOf();
  const isSaid = rest[0]?.is === 'at' || (rest[0]?.is === 'unit' && rest[0].unit === 'hour');
  if (isSaid) take();
  const clock = time(rest, isSaid);
  if (!clock) return !isSaid && before ? usual(before, rest) : null;
  rest = clock.rest;
  const said = before ?? partOf();
  const placed = said ? inPart(clock.hour, said) : { hour: clock.hour, isNextDay: false };
  if (!placed || placed.hour > 23) return null;
  return [{ ...placed, minute: clock.minute, isClear: isSaid || clock.isClock || said !== null }, rest];
}

function time(rest: readonly Token[], isSaid: boolean): { hour: number; minute: number; isClock: boolean; rest: readonly Token[] } | null {
  const [a, b] = rest;
  if (a?.is === 'clock') return { hour: a.hour, minute: a.minute, isClock: true, rest: rest.slice(1) };
  if (isSaid && a?.is === 'part' && a.part === 'noon') return { hour: 12, minute: 0, isClock: true, rest: rest.slice(1) };
  if (a?.is !== 'number' || a.n > 127) return null;
  const more = b?.is === 'half' ? 30 : b?.is === 'quarter' ? 15 : 0;
  return { hour: a.n, minute: more, isClock: more > 0, rest: rest.slice(more ? 2 : 1) };
}

const USUAL: Partial<Record<Part, number>> = { morning: 9, noon: 12, afternoon: 15, evening: 18, night: 20 };

/** What a part of the day means without an hour. */
function usual(part: Part, rest: readonly Token[]): Read<Hour> | null {
  const hour = USUAL[part];
  return hour === undefined ? null : [{ hour, minute: 0, isNextDay: false, isClear: true }, rest];
}

/** The hour of 24 that an hour of this part of the day is, and whether it belongs to the next day. */
function inPart(hour: number, part: Part): { hour: number; isNextDay: boolean } | null {
  const of24 = (from: number, to: number, more: number) => (hour >= from && hour <= to ? { hour: hour + more, isNextDay: false } : null);
  switch (part) {
    case 'am':
    case 'morning':
      return hour === 12 ? { hour: 0, isNextDay: false } : of24(0, 11, 0);
    case 'noon':
      return of24(11, 15, 0) ?? of24(1, 3, 12);
    case 'pm':
    case 'afternoon':
      return of24(1, 11, 12) ?? of24(12, 23, 0);
    case 'evening':
      return of24(1, 11, 12) ?? of24(13, 23, 0);
    case 'night':
      if (hour === 0 || hour === 12) return { hour: 0, isNextDay: true };
      return hour <= 4 ? { hour, isNextDay: true } : (of24(5, 11, 12) ?? of24(17, 23, 0));
  }
}

function at(date: number, { hour, minute, isNextDay }: Hour, { zone }: Here): When | null {
  return moment(momentOf((date + Number(isNextDay)) * DAY_MS + (hour * 60 + minute) * MINUTE_MS, zone));
}

/** The hour of today, or of tomorrow when it is over. */
function coming(time: Hour, here: Here): When | null {
  const today = at(here.today, time, here);
  return today?.at && Date.parse(today.at) <= here.now ? at(here.today + 1, time, here) : today;
}
