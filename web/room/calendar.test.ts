import { expect, it } from 'vitest';
import { Calendar, readNumber } from './calendar';
import { fa } from './locales/fa';

const START = '2026-11-21T10:30:00Z';
const END = '2026-11-21T11:30:00Z';

it('a Persian day and time are composed in the order of readers', () => {
  const tehran = new Calendar('fa', 'Asia/Tehran');
  expect(tehran.day(START)).toBe('شنبه ۳۰ آبان ۱۴۰۵');
  expect(fa.span(tehran.day(START), tehran.clock(START), tehran.clock(END))).toBe('شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۴:۰۰ تا ۱۵:۰۰');
});

it('an English day is Gregorian', () => {
  const london = new Calendar('en', 'Europe/London');
  expect(`${london.day(START)}, ${london.clock(START)}`).toBe('Saturday 21 November 2026, 10:30');
});

it.each([
  ['2025-03-20T12:00:00Z', '1403/12/30'],
  ['2025-03-21T12:00:00Z', '1404/01/01'],
  ['2026-03-21T12:00:00Z', '1405/01/01'],
  ['2026-11-21T12:00:00Z', '1405/08/30'],
])('%s is %s', (at, jalali) => {
  expect(new Calendar('fa', 'UTC').jalali(at)).toBe(jalali);
});

it.each([
  [0, '0:00', '۰:۰۰'],
  [245, '4:05', '۴:۰۵'],
  [3_723, '1:02:03', '۱:۰۲:۰۳'],
  [-5, '0:00', '۰:۰۰'],
])('%s seconds are %s', (seconds, en, fa) => {
  expect(new Calendar('en').span(seconds)).toBe(en);
  expect(new Calendar('fa').span(seconds)).toBe(fa);
});

it('a port has no thousands mark, and a share is a percentage of its language', () => {
  expect(new Calendar('fa').number(8081)).toBe('۸۰۸۱');
  expect(new Calendar('fa').percent(3, 5)).toContain('۶۰');
  expect(new Calendar('en').percent(0, 0)).toBe('0%');
});

it('a zone that the browser does not know leaves its own', () => {
  const here = new Calendar('en', 'UTC');
  expect(here.at('Nowhere/Land')).toBe(here);
  expect(here.at('Asia/Tehran').clock(START)).toBe('14:00');
});

it.each([
  ['۱۰', 10],
  ['١٠', 10],
  [' 10 ', 10],
  ['', NaN],
  ['ده', NaN],
])('reads %j as %s', (text, number) => {
  expect(readNumber(text)).toBe(number);
});
