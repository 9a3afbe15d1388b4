// Tells React Aria which words to use. It reads this global once, when its first part is drawn, and keeps the objects it
// finds there; so they stay, and their words are exchanged when the language is.

import english from 'react-aria-components/i18n/en-US';
import type { Lang } from '../../lib/preferences';
import { persian } from './fa';

interface Formatter {
  number(n: number): string;
}
type Word = string | ((args: Record<string, unknown>, formatter?: Formatter) => string);
export type Words = Record<string, Record<string, Word>>;

const STRINGS = Symbol.for('react-aria.i18n.strings');
const LOCALE = Symbol.for('react-aria.i18n.locale');
const WORDS = { en: english as Words, fa: persian };

const current: Words = Object.fromEntries(Object.keys(english).map((part) => [part, {}]));

export function speak(lang: Lang): void {
  for (const [part, words] of Object.entries(current)) Object.assign(words, WORDS.en[part], WORDS[lang][part]);
  Object.assign(window, { [STRINGS]: current, [LOCALE]: lang });
}
