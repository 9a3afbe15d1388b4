import { describe, expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import type { Preferences } from '../../lib/preferences';
import type { Line } from './api';
import { beginsDay, detailOf, placeOf, shown, sleepChoices, wakesAt } from './model';

const line = (id: number, more: Partial<Line> = {}): Line => ({
  id, event: 'task.assigned', subject_kind: 'task', subject_id: 't1', subject_name: 'Minutes', by_name: 'Sara', times: 1, first_at: '2026-11-22T09:00:00Z', at: '2026-11-22T09:00:00Z', ...more,
});

const TEHRAN = { lang: 'fa', calendar: 'persian', digits: 'arabext', zone: 'Asia/Tehran', theme: 'auto', density: 'comfortable' } as Preferences;
const NOW = Date.parse('2026-11-22T09:10:20Z');

it.each([
  ['task', 'task.commented', { to: '/tasks/$id', params: { id: 't1' } }],
  ['task', 'task.deleted', { to: '/tasks' }],
  ['document', 'document.mentioned', { to: '/documents/$id', params: { id: 't1' }, search: { side: 'comments' } }],
  ['document', 'document.changed', { to: '/documents/$id', params: { id: 't1' }, search: { side: undefined } }],
  ['source', 'sync.failed', { to: '/sync/$name', params: { name: 't1' } }],
  ['backup', 'backup.failed', { to: '/backups' }],
  ['webhook', 'webhook.gone', { to: '/webhooks/$id', params: { id: 't1' } }],
  ['comet', 'comet.seen', null],
])('a line about a %s of %s leads to what it is about', (subject_kind, event, place) => {
  expect(placeOf(line(1, { subject_kind, event }))).toEqual(place);
});

describe('the words below a line', () => {
  it('are those of who wrote, or what the server says went wrong', () => {
    const said = { comment: { text: 'Blue ones.' } };
    expect(detailOf(line(1, { event: 'task.commented', data: said }))).toEqual({ text: 'Blue ones.', isOurs: false });
    expect(detailOf(line(1, { event: 'task.completed', data: said }))).toBeNull();
    expect(detailOf(line(1, { event: 'sync.failed', data: { error_message: 'the gateway answered 503' } }))).toEqual({ text: 'the gateway answered 503', isOurs: true });
    expect(detailOf(line(1, { event: 'file.failed', data: { error: { detail: 'it is damaged' } } }))?.text).toBe('it is damaged');
    expect(detailOf(line(1, { event: 'file.analysed', data: { error: null } }))).toBeNull();
    expect(detailOf(line(1, { event: 'task.commented', data: 'odd' }))).toBeNull();
  });
});

it('what is about to go and, of the unread, what was just seen are not shown', () => {
  const lines = [line(1), line(2, { seen_at: '2026-11-22T09:00:00Z' }), line(3), line(4, { subject_kind: 'file' })];
  const ids = (unread: boolean, kind?: string) => shown(lines, { unread, kind, going: new Set([3]) }).map(({ id }) => id);
  expect(ids(false)).toEqual([1, 2, 4]);
  expect(ids(true)).toEqual([1, 4]);
  expect(ids(false, 'file')).toEqual([4]);
});

it('a day begins at the reader’s midnight', () => {
  const formats = new Formats(TEHRAN);
  // Midnight in Tehran is at half past eight in the evening.
  const lines = [line(1, { at: '2026-11-22T20:40:00Z' }), line(2, { at: '2026-11-22T20:31:00Z' }), line(3, { at: '2026-11-22T20:29:00Z' })];
  expect([0, 1, 2].map((index) => beginsDay(lines, index, formats))).toEqual(['2026-11-23', null, '2026-11-22']);
});

it('a line sleeps for an hour, till tomorrow’s morning, or till the next week of the reader', () => {
  const persian = sleepChoices(NOW, '2026-11-22', 'Asia/Tehran', 'persian');
  expect(persian).toEqual({ hour: '2026-11-22T10:11:00.000Z', tomorrow: '2026-11-23T04:30:00.000Z', week: '2026-11-28T04:30:00.000Z' });
  expect(sleepChoices(NOW, '2026-11-22', 'UTC', 'gregory').week).toBe('2026-11-23T08:00:00.000Z');
});

it('of a whole day its morning is meant, and what is over wakes nothing', () => {
  expect(wakesAt({ day: '2026-11-25' }, NOW, 'Asia/Tehran')).toBe('2026-11-25T04:30:00.000Z');
  expect(wakesAt({ at: '2026-11-22T09:11:00Z' }, NOW, 'UTC')).toBe('2026-11-22T09:11:00Z');
  expect(wakesAt({ at: '2026-11-22T09:09:00Z' }, NOW, 'UTC')).toBeNull();
  expect(wakesAt({ day: '2026-11-22' }, NOW, 'UTC')).toBeNull();
  expect(wakesAt(null, NOW, 'UTC')).toBeNull();
});
