import { expect, it } from 'vitest';
import { blocksOf } from './RichText';

it('a text is paragraphs, headings and lists', () => {
  const blocks = blocksOf('# سر\nیک\nدو\n\n- a\n- b\n۱. c\n2) d\n\nend');
  expect(blocks.map(({ kind, lines }) => `${kind}: ${lines.join('|')}`)).toEqual(['heading: سر', 'paragraph: یک|دو', 'bullets: a|b', 'numbers: c|d', 'paragraph: end']);
});
