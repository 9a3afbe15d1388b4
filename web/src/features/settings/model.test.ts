import { describe, expect, it } from 'vitest';
import { bounds, bySection, nextValue, read, refusals, splitDuration, toChanges, toText, toUndo, unreadable, withDraft } from './model';
import type { Kind, Setting } from './api';

const setting = (key: string, kind: Kind, value: unknown, more: Partial<Setting> = {}): Setting => ({
  key, kind, value, section: key.split('.')[0] ?? '', default: value, source: 'default', origin: null, live: true, pending: false, editable: true, allowed: '', choices: null, ...more,
});
const poll = setting('meetings.poll_interval', 'duration', '5s');
const guard = setting('meetings.vanish_guard', 'number', 0.3);
const range = setting('ports.range', 'range', [3000, 9000], { source: 'here', beneath: [4000, 5000] });
const all = [poll, guard, range];

describe('what is typed', () => {
  it.each<[Kind, string, unknown]>([
    ['duration', '۱۰s', '10s'],
    ['duration', '10', undefined],
    ['duration', '1h30m', undefined],
    ['integer', '۱٬۰۰۰', 1000],
    ['integer', '1.5', undefined],
    ['number', '۰٫۳', 0.3],
    ['number', '0.25', 0.25],
    ['number', 'a lot', undefined],
    ['boolean', 'true', true],
    ['range', '۳۰۰۰-9000', [3000, 9000]],
    ['range', '9000-3000', undefined],
    ['range', '3000-', undefined],
    ['list', ' python3 \n\nmini_server.py', ['python3', 'mini_server.py']],
    ['text', ' UTC ', 'UTC'],
  ])('as a %s, %j is %j', (kind, text, value) => {
    expect(read(kind, text)).toEqual(value);
  });

  it('is what was there, when it was not touched', () => {
    expect([toText([3000, 9000]), toText(['a', 'b']), toText(null), toText(true)]).toEqual(['3000-9000', 'a\nb', '', 'true']);
    expect([splitDuration('500ms'), splitDuration('m'), splitDuration('۵')]).toEqual([
      { number: '500', unit: 'ms' }, { number: '', unit: 'm' }, { number: '۵', unit: 's' },
    ]);
  });
});

describe('drafts', () => {
  it('that say what holds are none', () => {
    const drafts = withDraft({}, poll, '10s');
    expect(drafts).toEqual({ 'meetings.poll_interval': '10s' });
    expect(withDraft(drafts, poll, '5s')).toEqual({});
  });

  it('become changes, and changes can be taken back', () => {
    const drafts = { 'meetings.poll_interval': '۱۰s', 'ports.range': null };
    expect(unreadable(all, drafts)).toEqual([]);
    expect(toChanges(all, drafts)).toEqual({ 'meetings.poll_interval': '10s', 'ports.range': null });
    expect(toUndo(all, toChanges(all, drafts))).toEqual({ 'meetings.poll_interval': null, 'ports.range': [3000, 9000] });
    expect([nextValue(poll, '۱۰s'), nextValue(range, null)]).toEqual(['10s', [4000, 5000]]);
  });

  it('that mean nothing are named', () => {
    expect(unreadable(all, { 'meetings.vanish_guard': 'x', 'meetings.poll_interval': '1h' })).toEqual(['meetings.vanish_guard']);
  });
});

it('a refusal finds its setting', () => {
  expect(refusals([{ field: 'ports.range', detail: 'too wide' }])).toEqual({ 'ports.range': 'too wide' });
});

it('sections stay in the order of the file', () => {
  expect(bySection(all).map(({ section, settings }) => [section, settings.length])).toEqual([['meetings', 2], ['ports', 1]]);
});

it.each<[Kind, string, unknown]>([
  ['duration', '500ms to 1h', { least: '500ms', most: '1h' }],
  ['number', '0 to 1', { least: 0, most: 1 }],
  ['integer', '0 to 9223372036854775807', { least: 0, most: undefined }],
  ['text', 'road to nowhere', null],
  ['list', 'addresses to trust', null],
])('the bounds of a %s that may be %s', (kind, allowed, known) => expect(bounds({ kind, allowed })).toEqual(known));
