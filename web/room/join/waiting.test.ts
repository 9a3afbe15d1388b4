import { describe, expect, it } from 'vitest';
import { Calendar } from '../calendar';
import { countdown, isRepeated, pause, skew, turn } from './waiting';

const FORMS = { one: '{n} day, {t}', many: '{n} days, {t}' };

describe('the countdown', () => {
  const said = (seconds: number, lang: 'fa' | 'en' = 'en') => {
    const calendar = new Calendar(lang);
    return countdown(seconds, FORMS, (n) => calendar.number(n), (left) => calendar.span(left));
  };

  it('counts to nothing and never below', () => {
    expect([said(245), said(0.4), said(0), said(-3)]).toEqual(['4:05', '0:01', '0:00', '0:00']);
  });

  it('tells days apart from hours', () => {
    expect(said(86_399)).toBe('23:59:59');
    expect(said(86_400 + 3_723)).toBe('1 day, 1:02:03');
    expect(said(3 * 86_400)).toBe('3 days, 0:00');
  });

  it('is written with the digits of the language', () => {
    expect(said(3_723, 'fa')).toBe('۱:۰۲:۰۳');
  });
});

describe('the same news again', () => {
  it('counts for a moment only, so that a seat that is free again is asked for again', () => {
    expect(isRepeated('1000 /j/x "full" open', '/j/x "full" open', 10_999)).toBe(true);
    expect(isRepeated('1000 /j/x "full" open', '/j/x "full" open', 11_000)).toBe(false);
    expect(isRepeated('1000 /j/x "full" open', '/j/x "full" ended', 1_500)).toBe(false);
    expect(isRepeated(null, '/j/x "full" open', 0)).toBe(false);
  });
});

describe('what is done about an answer', () => {
  it('lets in whoever waited for the start and can go in', () => {
    for (const from of ['soon', 'late', 'opening', 'failed']) expect(turn(from, 'open', true)).toBe('enter');
    expect(turn('soon', 'open', false)).toBe('reload');
  });

  it('never fights for a seat, and shows whatever else changed', () => {
    expect(turn('full', 'open', true)).toBe('reload');
    expect(turn('soon', 'off', true)).toBe('reload');
    expect(turn('soon', 'soon', true)).toBe('reload');
  });
});

describe('the pause before the next question', () => {
  it('is long while there is time, and never sleeps over the start', () => {
    expect(pause('soon', 7_200, 0, 0)).toBe(45);
    expect(pause('soon', 7_200, 0, 1)).toBe(75);
    expect(pause('soon', 600, 0, 0.5)).toBe(20);
    expect(pause('soon', 60, 0, 0.5)).toBe(10);
    expect(pause('soon', 1, 0, 0)).toBeCloseTo(1.2);
    expect(pause('soon', 1, 0, 1)).toBeCloseTo(3.2);
  });

  it('is short when the start is due and longer when it does not come', () => {
    expect(pause('opening', -1, 0, 0.5)).toBe(3);
    expect(pause('late', -300, 0, 0.5)).toBe(10);
    expect(pause('failed', -1, 0, 0.5)).toBe(12);
  });

  it('grows while nobody answers, to half a minute', () => {
    expect(pause('soon', 60, 1, 0.5)).toBe(2);
    expect(pause('soon', 60, 20, 0.5)).toBe(30);
  });

  it('spreads a thousand phones over the moment of the start', () => {
    const asked = Array.from({ length: 1_000 }, (_, i) => pause('soon', 5, 0, i / 1_000));
    const busiest = Math.max(...[0, 0.5, 1, 1.5].map((from) => asked.filter((at) => at >= 5.2 + from && at < 5.7 + from).length));
    expect(busiest).toBeLessThanOrEqual(251);
  });
});

describe("the house's clock", () => {
  it('is known to a second whatever this device believes', () => {
    const date = 'Sat, 21 Nov 2026 10:00:00 GMT';
    const wrong = Date.parse('2026-11-21T13:00:00.100Z');
    expect(skew(date, wrong, wrong + 800)).toBe(-3 * 3_600_000);
    expect(skew(null, 0, 0)).toBeNull();
  });
});
