import { getSchema } from '@tiptap/core';
import { Node, Slice } from '@tiptap/pm/model';
import { describe, expect, it } from 'vitest';
import { markdownOf, plainHtml } from '../clipboard';
import { Direction } from '../direction';
import { schema as extensions } from '../schema';
import { isMarkdown, readMarkdown } from './read';
import { writeMarkdown } from './write';

const schema = getSchema([...extensions((text) => text), Direction]);
const doc = (text: string): Node => {
  const node = Node.fromJSON(schema, { type: 'doc', content: readMarkdown(text) });
  node.check();
  return node;
};

/** What is written means what was read. */
const check = (text: string, written = text) => {
  const read = doc(text);
  expect(writeMarkdown(read.children)).toBe(written);
  expect(doc(written).toJSON()).toEqual(read.toJSON());
};

describe('Markdown', () => {
  it('goes in and out', () => {
    check('# سرتیتر\n\nمتن **پررنگ** و *مورب* و `code` و ~~نه~~.');
    check('- یکم\n- دوم\n  - تو در تو\n- سوم');
    check('3. سوم\n4. چهارم');
    check('- [x] شد\n- [ ] نشد');
    check('> گفته\n>\n> دوم', '> گفته\n> \n> دوم');
    check('```rust\nfn main() {}\n\n# no heading\n```');
    check('| نام | سن |\n| --- | --- |\n| علی | ۲۰ |');
    check('[پیوند](https://example.org/a_b) و <u>زیر</u> و <mark>نشان</mark>');
    check('یک  \nدو');
    check('---');
    check('![نمودار](/api/v1/files/a1/content)');
  });

  it('knows numbers of any script, bullets of any kind and highlights', () => {
    check('۱. یکم\n۲. دوم', '1. یکم\n2. دوم');
    check('* a\n+ b', '- a\n- b');
    check('==نشان==', '<mark>نشان</mark>');
    check('###### deep', '#### deep');
  });

  it('does not let text become a sign', () => {
    for (const text of ['a * b ` c [d] \\ e', 'snake_case_name', '**', '~~ ==', '<b>', '`']) {
      const node = Node.fromJSON(schema, { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });
      expect([text, doc(writeMarkdown(node.children)).textContent]).toEqual([text, text]);
    }
    for (const text of ['# x', '- x', '1. x', '> x', '+ x']) {
      const node = Node.fromJSON(schema, { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });
      expect(doc(writeMarkdown(node.children)).toJSON()).toEqual(node.toJSON());
    }
  });

  it('keeps foreign pictures and bad links out', () => {
    expect(doc('![x](https://tracker.example/x.png)').textContent).not.toBe('');
    expect(JSON.stringify(doc('[x](javascript:alert(1))').toJSON())).not.toContain('link');
  });

  it('is told from plain text', () => {
    for (const text of ['# a', '- a\n- b', '```\nx\n```', '| a | b |\n|---|---|', 'a **b** c', '[a](https://b.c)', '1. a', '۱. الف', '٢) ب']) expect([text, isMarkdown(text)]).toEqual([text, true]);
    for (const text of ['سلام', 'a - b', '2 * 3 * 4', 'a | b', '#tag', 'x_y_z', '1405.5', '۱۴۰۵.۵']) expect([text, isMarkdown(text)]).toEqual([text, false]);
  });

  it('never fails, whatever it is given', () => {
    const signs = ['#', '- ', '> ', '`', '```\n', '|', '\n', '\n\n', '*', '**', '[', '](', ')', '1. ', '  ', 'سلام', '\u200c', '\\', '<u>', '- [ ] ', '|---|', '~~'];
    let seed = 7;
    const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31);
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: 1 + (next() % 25) }, () => signs[next() % signs.length]).join('');
      const read = doc(`x\n\n${text}`);
      expect(() => writeMarkdown(read.children), text).not.toThrow();
    }
  });
});

it('words out of one line are copied without signs', () => {
  const { content } = doc('a **b** c');
  expect(markdownOf(new Slice(content, 1, 1))).toBe('a b c');
});

it('HTML of word processors keeps what its styles meant', () => {
  expect(plainHtml('<b style="font-weight:normal"><p>a <span style="font-weight:700">b</span></p></b>')).toBe('<p>a <span data-style="font-weight:700"><strong>b</strong></span></p>');
  expect(plainHtml('<p onclick="x()">a style="b"</p>')).toBe('<p data-onclick="x()">a style="b"</p>');
});
