import { describe, expect, it } from 'vitest';
import { latinDigits, readWhole } from './digits';

describe('digits', () => {
  it('are the same in three scripts', () => {
    expect(latinDigits('۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 0123456789')).toBe('0123456789 0123456789 0123456789');
  });

  it.each([
    ['۸۰۸۱', 8081],
    ['٨٠٨١', 8081],
    [' 8081 ', 8081],
    ['۸٬۰۸۱', 8081],
    ['8,081', 8081],
    ['', null],
    ['80a', null],
    ['-1', null],
    ['1.5', null],
  ])('reads %j', (text, number) => {
    expect(readWhole(text)).toBe(number);
  });
});
