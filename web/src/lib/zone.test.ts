import { parseDate } from '@internationalized/date';
import { describe, expect, it } from 'vitest';
import { dayAfter, dayAt, isDay, startOf } from './zone';

/** With years in which their clocks change: some at midnight, in either direction, one by half an hour, one not at all. */
const YEARS = [
  ['Asia/Tehran', 2021],
  ['America/Sao_Paulo', 2018],
  ['America/Havana', 2022],
  ['Africa/Cairo', 2023],
  ['Europe/Berlin', 2026],
  ['Australia/Lord_Howe', 2026],
  ['Pacific/Kiritimati', 2026],
] as const;

describe('a day', () => {
  it.each(YEARS)('begins in %s when React Aria says so, all through %i', (zone, year) => {
    for (let day = `${year}-01-01`; day <= `${year}-12-31`; day = dayAfter(day)) {
      expect([day, new Date(startOf(day, zone))]).toEqual([day, parseDate(day).toDate(zone)]);
    }
  });

  it('begins on itself, also where its first hour is missing', () => {
    expect(new Date(startOf('2021-03-22', 'Asia/Tehran')).toISOString()).toBe('2021-03-21T20:30:00.000Z');
    expect(dayAt(startOf('2021-03-22', 'Asia/Tehran'), 'Asia/Tehran')).toBe('2021-03-22');
    expect(dayAt(startOf('2021-03-22', 'Asia/Tehran') - 1, 'Asia/Tehran')).toBe('2021-03-21');
  });

  it.each(['2026-02-30', '2026-2-3', '2026-13-01', '20261120', '2026-11-20T00', '', 'x'])('is not written %s', (text) => {
    expect(isDay(text)).toBe(false);
  });

  it.each(['2024-02-29', '2026-11-20'])('is written %s', (text) => expect(isDay(text)).toBe(true));
});
