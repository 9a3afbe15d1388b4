import { expect, it } from 'vitest';
import { readWhen, readWidth } from './when';

it.each([
  ['1h', { kind: 'every', count: 1, unit: 'h' }],
  ['90m', { kind: 'every', count: 90, unit: 'm' }],
  ['1500ms', { kind: 'cron' }],
])('the width %s', (every, when) => {
  expect(readWhen({ every })).toEqual(when);
});

it.each([
  ['30 2 * * *', { kind: 'daily', minutes: 150 }],
  ['30 2 * * sat', { kind: 'weekly', days: [6], minutes: 150 }],
  ['0 6 * * 0,7,Mon', { kind: 'weekly', days: [0, 0, 1], minutes: 360 }],
  ['15 * * * *', { kind: 'hourly', minute: 15 }],
  ['*/10 * * * *', { kind: 'every', count: 10, unit: 'm' }],
  ['*/7 * * * *', { kind: 'cron' }],
  ['0 6 1-7 * sat', { kind: 'cron' }],
  ['0 6 * * mon-fri', { kind: 'cron' }],
  ['99 6 * * *', { kind: 'cron' }],
  ['0 30 2 * * *', { kind: 'cron' }],
  ['', { kind: 'cron' }],
])('the expression “%s”', (cron, when) => {
  expect(readWhen({ cron })).toEqual(when);
});

it('a width that people do not count in has no words', () => {
  expect(readWidth('10ms')).toBeNull();
  expect(readWidth('5d')).toEqual({ count: 5, unit: 'd' });
});
