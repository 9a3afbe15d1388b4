import { expect, it } from 'vitest';
import { findIn } from './find';

it('finds words however they are spelt', () => {
  const check = (line: string, query: string, found: string[]) => expect(findIn(line, query).map(({ from, to }) => line.slice(from, to))).toEqual(found);
  check('می\u200cروم و میروم و می روم', 'می\u200cروم', ['می\u200cروم', 'میروم', 'می روم']);
  check('كتاب و کتاب', 'کتاب', ['كتاب', 'کتاب']);
  check('سال ۱۴۰۵ و 1405', '1405', ['۱۴۰۵', '1405']);
  check('مُدیر', 'مدیر', ['مُدیر']);
  check('aaaa', 'aa', ['aa', 'aa']);
  check('Hello', 'hELLO', ['Hello']);
  check('کتاب\u200cها', 'کتاب', ['کتاب']);
  check('سلام', '  ', []);
  check('a 🖋 b', '🖋', ['🖋']);
});
