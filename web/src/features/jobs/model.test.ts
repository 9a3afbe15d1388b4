import { describe, expect, it } from 'vitest';
import type { Job, Queue } from './api';
import { lookOf, meant, readDecimal, readJson, scheduleOf, STATES, sum } from './model';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const job = (more: Partial<Job>) => ({ id: 1, state: 'queued', is_ending: false, run_at: '2026-11-21T11:00:00Z', created_by: 'system', ...more }) as Job;
const queue = (more: Partial<Queue>) => ({ name: 'q', waiting: 0, later: 0, running: 0, failed: 0, done_last_hour: 0, weight: 1, ...more }) as Queue;

it('a job that waits for its time, or is asked to end, looks so', () => {
  expect(lookOf(job({}), NOW)).toBe(STATES.queued);
  expect(lookOf(job({ run_at: '2026-11-21T13:00:00Z' }), NOW)).not.toBe(STATES.queued);
  expect(lookOf(job({ state: 'running', is_ending: true }), NOW)).not.toBe(STATES.running);
});

it('an order for many is for those states alone that it changes and the list shows', () => {
  expect(meant('retry', {})).toEqual(['failed', 'set_aside', 'cancelled']);
  expect(meant('retry', { state: 'failed' })).toEqual(['failed']);
  expect(meant('retry', { state: 'running' })).toEqual([]);
  expect(meant('cancel', { state: 'running' })).toEqual(['running']);
});

it.each([
  [{ created_by: 'schedule sync:students' }, 'sync:students'],
  [{ created_by: 'Sara', unique_key: 'schedule:sync:students' }, 'sync:students'],
  [{ created_by: 'Sara', unique_key: 'report:1' }, null],
  [{}, null],
])('%j was made for %s', (more, name) => {
  expect(scheduleOf(job(more))).toBe(name);
});

it('all queues are one sum, with the oldest wait of them', () => {
  const all = sum([queue({ waiting: 2, oldest: '2026-11-21T11:00:00Z' }), queue({ waiting: 1, failed: 3, oldest: '2026-11-21T10:00:00.5Z', paused_at: '2026-11-21T10:00:00Z' })], []);
  expect(all).toMatchObject({ waiting: 3, failed: 3, oldest: '2026-11-21T10:00:00.5Z', hasWorker: false });
  expect(all.paused).toHaveLength(1);
});

it.each([
  ['0.5', 0.5],
  ['۰٫۵', 0.5],
  [' 12 ', 12],
  ['', null],
  ['1,5', null],
  ['-1', null],
])('%j is the number %j', (text, number) => {
  expect(readDecimal(text)).toBe(number);
});

describe('arguments that are typed', () => {
  it('are what they mean', () => expect(readJson('{"a": [1]}')).toEqual({ value: { a: [1] } }));
  it('or stop being JSON on some line', () => {
    expect(readJson('{\n  "a": 1,\n  b: 2\n}')).toEqual({ line: 3 });
    expect(readJson('{\n  "a": 1')).toHaveProperty('line');
  });
});
