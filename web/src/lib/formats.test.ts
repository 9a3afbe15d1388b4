import { describe, expect, it } from 'vitest';
import { Formats } from './formats';
import { complete, type Choices } from './preferences';

const AT = '2026-11-20T12:34:56Z';
const reader = (choices: Choices) => new Formats(complete({ zone: 'Asia/Tehran', ...choices }, 'fa'));
const fa = reader({});
const en = reader({ lang: 'en' });

describe('a moment', () => {
  it('is in the order of each language', () => {
    expect(fa.moment(AT)).toBe('جمعه ۲۹ آبان ۱۴۰۵، ساعت ۱۶:۰۴');
    expect(en.moment(AT)).toBe('Friday 20 November 2026, 16:04');
  });

  it('follows calendar and digits apart from the language', () => {
    expect(reader({ digits: 'latn' }).moment(AT)).toBe('جمعه 29 آبان 1405، ساعت 16:04');
    expect(reader({ calendar: 'gregory' }).day(AT)).toBe('جمعه ۲۰ نوامبر ۲۰۲۶');
    expect(reader({ lang: 'en', calendar: 'persian' }).day(AT)).toBe('Friday 29 Aban 1405');
  });

  it('is short where space is', () => {
    expect([fa.numeric(AT), en.numeric(AT)]).toEqual(['۱۴۰۵/۰۸/۲۹', '2026-11-20']);
    expect(fa.brief(AT, '2026-11-20T20:00:00Z')).toBe('۱۶:۰۴');
    expect(fa.brief(AT, '2026-11-20T21:00:00Z')).toBe('۱۴۰۵/۰۸/۲۹ ۱۶:۰۴');
  });

  it("begins and ends with its reader's day", () => {
    expect(fa.bounds('2026-11-20')).toEqual({ begins: '2026-11-19T20:30:00.000Z', ends: '2026-11-20T20:30:00.000Z' });
  });

  it('tells the other calendar and UTC in its hint', () => {
    expect(fa.otherwise(AT)).toBe('جمعه ۲۰ نوامبر ۲۰۲۶، ساعت ۱۶:۰۴\n2026-11-20 12:34 UTC');
  });
});

describe('how long ago', () => {
  it.each([
    ['2026-11-20T12:34:56Z', 'اکنون', 'now'],
    ['2026-11-20T12:33:10Z', '۱ دقیقه پیش', '1 minute ago'],
    ['2026-11-19T11:00:00Z', '۱ روز پیش', '1 day ago'],
    ['2026-11-20T14:40:00Z', '۲ ساعت بعد', 'in 2 hours'],
  ])('%s', (at, persian, english) => {
    const now = '2026-11-20T12:34:56Z';
    expect([fa.ago(at, now), en.ago(at, now)]).toEqual([persian, english]);
  });
});

describe('numbers', () => {
  it('have the digits of their reader', () => {
    expect([fa.number(6001), en.number(6001)]).toEqual(['۶٬۰۰۱', '6,001']);
    expect([fa.span(3723), en.span(245)]).toEqual(['۱:۰۲:۰۳', '4:05']);
    expect(fa.month(AT)).toBe('آبان ۱۴۰۵');
    expect([fa.list(['الف', 'ب', 'پ']), en.list(['a', 'b', 'c'])]).toEqual(['الف،\u200f ب، و پ', 'a, b and c']);
  });
});
