import { describe, expect, it } from 'vitest';
import { client } from '../../testing/client';
import type { BulkAnswers, Client, ClientEvent } from './api';
import { fits, initials, inverse, uptime, visits } from './model';

const answers = (...now: Client[]): BulkAnswers => ({ done: now.length, refused: 0, items: now.map((one) => ({ username: one.username, client: one, changed: one.version > 1 })) });
const event = (minute: number, kind: string, detail: string): ClientEvent => ({ id: minute, username: 'ali', kind, detail, by: 'system', at: `2026-11-21T10:${String(minute).padStart(2, '0')}:00Z` });

describe('an order is taken back', () => {
  it('from those who obeyed it alone', () => {
    const before = [client('ali'), client('mina'), client('reza')];
    const after = answers(client('ali', { version: 2 }), client('mina', { version: 1 }));
    expect(inverse('pause', before, after)).toEqual([{ action: 'resume', reason: '', until: null, clients: [{ username: 'ali', version: 2 }] }]);
  });

  it('and whoever was blocked before gets that block back', () => {
    const before = [client('ali'), client('mina', { state: 'blocked', blocked: true, reason: 'old', until: '2027-01-01T00:00:00Z' })];
    const back = inverse('block', before, answers(client('ali', { version: 5 }), client('mina', { version: 6 })));
    expect(back).toEqual([
      { action: 'unblock', reason: '', until: null, clients: [{ username: 'ali', version: 5 }] },
      { action: 'block', reason: 'old', until: '2027-01-01T00:00:00Z', clients: [{ username: 'mina', version: 6 }] },
    ]);
  });

  it('also when it lifted something', () => {
    const before = [client('ali', { state: 'paused', paused: true, reason: 'exam' })];
    expect(inverse('resume', before, answers(client('ali', { version: 9 })))).toEqual([{ action: 'pause', reason: 'exam', until: null, clients: [{ username: 'ali', version: 9 }] }]);
  });

  it('but nobody is connected again', () => expect(inverse('disconnect', [client('ali')], answers(client('ali', { version: 2 })))).toEqual([]));
});

it('what is offered fits the state', () => {
  const orders = (one: Client) => (['pause', 'resume', 'block', 'unblock', 'disconnect'] as const).filter((order) => fits(order, one));
  expect(orders(client('ali'))).toEqual(['pause', 'block']);
  expect(orders(client('ali', { paused: true }))).toEqual(['pause', 'resume', 'block']);
  expect(orders(client('ali', { paused: true, blocked: true }))).toEqual(['block', 'unblock']);
  expect(orders(client('ali', { places: [{ place: 'class', state: 'lost', since: '', heartbeat_at: null }] }))).toEqual(['pause', 'block', 'disconnect']);
});

it('visits come of what happened, and time in two rooms at once counts once', () => {
  const events = [event(40, 'joined', 'b'), event(30, 'left', 'a'), event(20, 'joined', 'c'), event(15, 'blocked', 'a'), event(12, 'rejoined', 'a'), event(11, 'lost', 'a'), event(5, 'joined', 'a'), event(1, 'left', 'z')];
  const all = visits(events);
  expect(all.map(({ place, from, to }) => [place, from.slice(14, 16), to?.slice(14, 16)])).toEqual([['b', '40', undefined], ['c', '20', undefined], ['a', '12', '30'], ['a', '05', '11']]);
  const at = (minute: number) => Date.parse(event(minute, '', '').at);
  expect(uptime(all, at(0), at(50)) / 60).toBe(6 + 38);
  expect(uptime(all, at(10), at(20)) / 60).toBe(1 + 8);
  expect(uptime([], at(0), at(50))).toBe(0);
});

it.each([
  ['علی رضایی', 'ع\u202fر'],
  ['sara ahmadi moghaddam', 'SA'],
  ['میز آزمون ۷', 'م\u202fآ'],
  ['desk-7', 'D'],
  ['«x»  (y)', 'XY'],
  ['!', ''],
])('of %j the initials are %j', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
