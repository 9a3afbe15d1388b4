import { Editor } from '@tiptap/core';
import { expect, it } from 'vitest';
import { Find, finding, findIn } from './find';
import { schema } from './schema';

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
  check('ﷲ', 'ل', ['ﷲ']);
});

it('the hit that is shown is one of those that are left', () => {
  const editor = new Editor({ extensions: [...schema((text) => text), Find], content: '<p>a b a b a</p>' });
  const shown = () => [finding(editor.state).at, finding(editor.state).hits.length];
  editor.commands.find('a');
  editor.commands.findNext(-1);
  expect(shown()).toEqual([2, 3]);
  editor.commands.deleteRange({ from: 8, to: 10 });
  expect(shown()).toEqual([1, 2]);
  editor.commands.clearContent();
  expect(shown()).toEqual([-1, 0]);
  editor.destroy();
});
