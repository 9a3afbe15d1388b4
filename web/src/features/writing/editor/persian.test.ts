import { describe, expect, it } from 'vitest';
import { asDigit, cleanEdits, countWords, readingSeconds, type Digits, type Edit } from './persian';

/** The line with the edits made. */
function apply(text: string, edits: readonly Edit[]): string {
  return [...edits].reverse().reduce((line, { from, to, text }) => line.slice(0, from) + text + line.slice(to), text);
}

const check = (text: string, clean: string, digits?: Digits) => expect(apply(text, cleanEdits(text, digits))).toBe(clean);

describe('a line from elsewhere', () => {
  it('gets Persian letters', () => check('كتاب هاي علي', 'کتاب های علی'));

  it('keeps a half-space where there are letters on both sides, and one of many', () => {
    check('می\u200cروم', 'می\u200cروم');
    check('می\u200c\u200c\u200cروم', 'می\u200cروم');
    check('\u200cمی \u200cروم\u200c', 'می روم');
    check('کتاب\u200c.', 'کتاب\u200c.');
  });

  it('gets Persian quotation marks around Persian words alone', () => {
    check('گفت "سلام" و “درود”', 'گفت «سلام» و «درود»');
    check('he said "hello"', 'he said "hello"');
    check('۲۱" و "سلام"', '۲۱" و «سلام»');
    check('یک " تنها', 'یک " تنها');
  });

  it('leaves what is no text alone', () => check('"\ufffc\ufffc سلام" كد', '"\ufffc\ufffc سلام" کد'));

  it('gets digits as one chose, but for names and versions', () => {
    check('سال 1405 و v2 و a1@b.ir', 'سال 1405 و v2 و a1@b.ir');
    check('سال 1405، ٣ بار و v2', 'سال ۱۴۰۵، ۳ بار و v2', 'persian');
    check('سال ۱۴۰۵', 'سال 1405', 'latin');
    check('year 2026', 'year 2026', 'persian');
    expect(['5', '٥', '۵'].map((digit) => asDigit(digit, 'persian')).join('')).toBe('۵۵۵');
  });

  it('is put right once: a second time there is nothing to do', () => {
    for (const text of ['كتاب\u200c\u200cهاي "خوب" 12', '\u200c', '""', '«سلام»']) {
      const once = apply(text, cleanEdits(text, 'persian'));
      expect(cleanEdits(once, 'persian')).toEqual([]);
    }
  });
});

it('words are counted as readers count them', () => {
  expect(countWords('می\u200cروم به خانه، سپس home!')).toEqual({ words: 5, persian: 4, characters: 20 });
  expect(countWords('مُدیر — !')).toEqual({ words: 1, persian: 1, characters: 6 });
  expect(readingSeconds(215, 215)).toBe(60);
  expect(readingSeconds(238, 0)).toBe(60);
});
