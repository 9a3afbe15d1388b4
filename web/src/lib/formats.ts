// Numbers, dates and spans as one person reads them.

import { isolate, isolateLtr } from './bidi';
import { localeOf, type Preferences } from './preferences';
import { dayAfter, dayAt, startOf } from './zone';

type At = string | number | Date;
type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

const DAY = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
const NUMERIC = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECONDS = { ...CLOCK, second: '2-digit' } as const;

const BYTES = { fa: ['بایت', 'کیبی‌بایت', 'مبی‌بایت', 'گیبی‌بایت'], en: ['B', 'KiB', 'MiB', 'GiB'] };

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

export class Formats {
  readonly locale: string;
  private readonly digits: string;
  private readonly formatters = new Map<string, Intl.DateTimeFormat>();

  constructor(private readonly preferences: Preferences) {
    this.locale = localeOf(preferences);
    this.digits = `${preferences.lang}-u-nu-${preferences.digits}`;
  }

  number(n: number): string {
    return new Intl.NumberFormat(this.digits).format(n);
  }

  /** «خواندن، نوشتن، و گرداندن», “Read, Write and Operate” */
  list(words: readonly string[]): string {
    return new Intl.ListFormat(this.locale, { type: 'conjunction' }).format(words);
  }

  /** As exact as it is: 0.3 */
  decimal(n: number): string {
    return new Intl.NumberFormat(this.digits, { maximumFractionDigits: 6 }).format(n);
  }

  percent(part: number): string {
    return new Intl.NumberFormat(this.digits, { style: 'percent', maximumFractionDigits: 1 }).format(part);
  }

  /** «۲٫۴ مبی‌بایت», “2.4 MiB” */
  bytes(n: number): string {
    const step = n >= 1 << 30 ? 3 : n >= 1 << 20 ? 2 : n >= 1 << 10 ? 1 : 0;
    const size = new Intl.NumberFormat(this.digits, { maximumFractionDigits: step ? 1 : 0 }).format(n / 1024 ** step);
    const { lang } = this.preferences;
    return lang === 'fa' ? isolate(`${size} ${BYTES.fa[step]}`) : isolateLtr(`${size} ${BYTES.en[step]}`);
  }

  /** 14:05 */
  clock(at: At): string {
    return this.formatter(CLOCK).format(new Date(at));
  }

  /** 14:05:09 */
  seconds(at: At): string {
    return this.formatter(SECONDS).format(new Date(at));
  }

  /** «جمعه ۲۹ آبان ۱۴۰۵», “Friday 20 November 2026”: the browser's own full style has another order. */
  day(at: At): string {
    const { weekday, day, month, year } = this.parts(at, DAY);
    return `${weekday} ${day} ${month} ${year}`;
  }

  /** «آبان ۱۴۰۵» */
  month(at: At): string {
    const { month, year } = this.parts(at, { month: 'long', year: 'numeric' });
    return `${month} ${year}`;
  }

  /** «جمعه ۲۹ آبان ۱۴۰۵، ساعت ۱۶:۰۴» */
  moment(at: At): string {
    return this.join(this.day(at), this.clock(at));
  }

  /** ۱۴۰۵/۰۸/۲۹, and 2026-11-20 where the calendar is the Gregorian one. */
  numeric(at: At): string {
    const { year, month, day } = this.parts(at, NUMERIC);
    return [year, month, day].join(this.preferences.calendar === 'persian' ? '/' : '-');
  }

  /** 2026-11-20, for machines, in the reader's zone. */
  iso(at: At): string {
    return dayAt(new Date(at).getTime(), this.preferences.zone);
  }

  /** When the reader's day of this moment began. */
  midnight(at: At): number {
    return startOf(this.iso(at), this.preferences.zone);
  }

  /** When the reader's day that is written `2026-11-20` begins, and when the one after it does. */
  bounds(day: string): { begins: string; ends: string } {
    const start = (of: string) => new Date(startOf(of, this.preferences.zone)).toISOString();
    return { begins: start(day), ends: start(dayAfter(day)) };
  }

  /** The clock alone when it is the same day as `now`, with the day before it otherwise. */
  brief(at: At, now: At): string {
    return this.numeric(at) === this.numeric(now) ? this.clock(at) : this.full(at);
  }

  /** The day and the clock. */
  full(at: At): string {
    return `${this.numeric(at)} ${this.clock(at)}`;
  }

  /** What a hint adds to a moment: the same in the other calendar, and in UTC. */
  otherwise(at: At): string {
    const calendar = this.preferences.calendar === 'persian' ? 'gregory' : 'persian';
    const other = new Formats({ ...this.preferences, calendar });
    return `${other.moment(at)}\n${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }

  /** ۱:۰۲:۰۳ or ۴:۰۵ */
  span(seconds: number): string {
    const total = Math.max(0, Math.round(seconds));
    const two = (n: number) => this.number(n).padStart(2, this.number(0));
    const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
    return hours ? `${this.number(hours)}:${two(minutes)}:${two(rest)}` : `${this.number(minutes)}:${two(rest)}`;
  }

  /** «۳ ساعت پیش», “3 hours ago” */
  ago(at: At, now: At): string {
    const seconds = (new Date(at).getTime() - new Date(now).getTime()) / 1_000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS[UNITS.length - 1]!;
    // A day ago need not be yesterday.
    return new Intl.RelativeTimeFormat(this.digits, { numeric: unit === 'day' ? 'always' : 'auto' }).format(Math.trunc(seconds / size), unit);
  }

  /** The same reader looking at a wall clock that was written down without its zone. */
  wall(): Formats {
    return new Formats({ ...this.preferences, zone: 'UTC' });
  }

  private join(day: string, clock: string): string {
    return this.preferences.lang === 'fa' ? `${day}، ساعت ${clock}` : `${day}, ${clock}`;
  }

  private parts(at: At, options: Intl.DateTimeFormatOptions): Parts {
    const parts = this.formatter(options).formatToParts(new Date(at));
    return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  }

  private formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = Object.keys(options).join();
    const known = this.formatters.get(key);
    const formatter = known ?? new Intl.DateTimeFormat(this.locale, { ...options, timeZone: this.preferences.zone });
    if (!known) this.formatters.set(key, formatter);
    return formatter;
  }
}
