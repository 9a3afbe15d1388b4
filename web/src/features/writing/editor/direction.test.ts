import { expect, it } from 'vitest';
import { ofText } from './reads';

it('a text reads as its words do', () => {
  const check = (text: string, dir: ReturnType<typeof ofText>) => expect([text, ofText(text)]).toEqual([text, dir]);
  check('سلام دنیا', 'rtl');
  check('hello world', 'ltr');
  check('Rust زبان خوبی است', 'rtl');
  check('The word سلام means hello', 'ltr');
  check('۱۲۳ – !', null);
  check('', null);
  check('https://example.org سلام', 'rtl');
  check('sara@example.org سلام', 'rtl');
  check('React و Vue', 'ltr');
  check('«سلام»', 'rtl');
});
