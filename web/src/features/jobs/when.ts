// When a schedule fires, as far as there are words for it.

import type { Schedule } from './api';

export type When =
  | { kind: 'every'; count: number; unit: Unit }
  | { kind: 'hourly'; minute: number }
  | { kind: 'daily'; minutes: number }
  | { kind: 'weekly'; days: readonly number[]; minutes: number }
  /** An expression that has no words here. */
  | { kind: 'cron' };

export const UNITS = ['s', 'm', 'h', 'd'] as const;
export type Unit = (typeof UNITS)[number];

/** Such as `90m`; `null` where the unit is none that people count in. */
export function readWidth(width: string): { count: number; unit: Unit } | null {
  const [, count, unit] = /^(\d+)(s|m|h|d)$/.exec(width) ?? [];
  return count && unit ? { count: Number(count), unit: unit as Unit } : null;
}

export function readWhen({ every, cron }: Partial<Pick<Schedule, 'every' | 'cron'>>): When {
  const width = every ? readWidth(every) : null;
  if (width) return { kind: 'every', ...width };
  return readCron(cron ?? '') ?? { kind: 'cron' };
}

const STEP = /^\*\/(\d+)$/;

function readCron(text: string): When | null {
  const [minute = '', hour = '', day = '', month = '', weekday = '', more] = text.trim().split(/\s+/);
  if (more !== undefined || day !== '*' || month !== '*') return null;
  const [, step] = STEP.exec(minute) ?? [];
  if (step && hour === '*' && weekday === '*' && 60 % Number(step) === 0) return { kind: 'every', count: Number(step), unit: 'm' };
  const [atMinute, atHour] = [readPart(minute, 59), readPart(hour, 23)];
  if (atMinute === null) return null;
  if (hour === '*' && weekday === '*') return { kind: 'hourly', minute: atMinute };
  if (atHour === null) return null;
  const minutes = atHour * 60 + atMinute;
  if (weekday === '*') return { kind: 'daily', minutes };
  const days = weekday.split(',').map(readDay);
  return days.every((day) => day !== null) ? { kind: 'weekly', days, minutes } : null;
}

function readPart(text: string, most: number): number | null {
  return /^\d{1,2}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Sunday is 0, and 7 too. */
function readDay(text: string): number | null {
  const named = DAYS.indexOf(text.toLowerCase());
  if (named >= 0) return named;
  const number = readPart(text, 7);
  return number === null ? null : number % 7;
}
