import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import { complete } from '../../lib/preferences';
import { MeetingsSearch, toFilter } from './search';

const days = (zone: string) => new Formats(complete({ zone }, 'fa'));
const filter = (search: MeetingsSearch, zone = 'Asia/Tehran') => toFilter(search, days(zone));

describe('the address of the list', () => {
  it('keeps what makes sense and drops the rest', () => {
    expect(v.parse(MeetingsSearch, { state: 'failed', q: 'a', view: 'pie', from: '2026-02-30', to: 'x', sort: 'size', x: 1 })).toEqual({
      state: 'failed', q: 'a', view: undefined, from: undefined, to: undefined, sort: undefined,
    });
  });

  it('is what the server is asked', () => {
    expect(filter({})).toEqual({});
    expect(filter({ state: 'held', q: ' شورا ', sort: 'name' })).toEqual({ state: ['held'], search: 'شورا', sort: 'name' });
    expect(filter({ sort: '-end_time', q: ' ' })).toEqual({});
  });

  it.each([
    ['Asia/Tehran', '2026-11-20T20:30:00.000Z', '2026-11-22T20:30:00.000Z'],
    ['Pacific/Auckland', '2026-11-20T11:00:00.000Z', '2026-11-22T11:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-20T10:00:00.000Z', '2026-11-22T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-11-21T11:00:00.000Z', '2026-11-23T11:00:00.000Z'],
  ])("takes days as the reader's own, in %s", (zone, from, to) => {
    expect(filter({ from: '2026-11-21', to: '2026-11-22' }, zone)).toEqual({ from, to });
  });

  it('knows that a day of summer time is shorter', () => {
    const day = { from: '2026-03-29', to: '2026-03-29' };
    expect(filter(day, 'Europe/Berlin')).toEqual({ from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z' });
  });

  it('asks for one day in the timeline, whatever its state', () => {
    const day = { from: '2026-11-20T20:30:00.000Z', to: '2026-11-21T20:30:00.000Z' };
    expect(filter({ view: 'timeline', from: '2026-11-21', to: '2026-11-30', state: 'failed', sort: 'name' })).toEqual(day);
    expect(Object.keys(filter({ view: 'timeline' }))).toEqual(['from', 'to']);
  });
});
