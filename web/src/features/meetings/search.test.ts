import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import { complete } from '../../lib/preferences';
import type { Meeting } from './model';
import { MeetingsSearch, needsAll, select } from './search';

const formats = new Formats(complete({ zone: 'Asia/Tehran' }, 'fa'));
const meeting = (name: string, date_time: string, end_time: string) => ({ name, date_time, end_time }) as Meeting;
const late = meeting('شوراي آموزشی', '2026-11-20T20:00:00Z', '2026-11-20T21:30:00Z');
const early = meeting('Sprint Planning', '2026-11-19T08:00:00Z', '2026-11-19T09:00:00Z');
const names = (search: MeetingsSearch) => select([late, early], search, formats).map(({ name }) => name);

describe('the address of the list', () => {
  it('keeps what makes sense and drops the rest', () => {
    expect(v.parse(MeetingsSearch, { state: 'failed', q: 'a', view: 'pie', from: '2026-02-30x', x: 1 })).toEqual({
      state: 'failed', q: 'a', view: undefined, from: undefined, to: undefined,
    });
  });

  it('asks for every page only when it must', () => {
    expect([needsAll({ state: 'failed' }), needsAll({ q: 'a' }), needsAll({ view: 'timeline' })]).toEqual([false, true, true]);
  });

  it('finds names however they were spelt', () => {
    expect(names({ q: 'شورای' })).toEqual([late.name]);
    expect(names({ q: 'SPRINT' })).toEqual([early.name]);
  });

  it("takes days as the reader's own: 21:30 UTC is past midnight in Tehran", () => {
    expect(names({ from: '2026-11-21', to: '2026-11-21' })).toEqual([late.name]);
    expect(names({ from: '2026-11-18', to: '2026-11-19' })).toEqual([early.name]);
  });
});
