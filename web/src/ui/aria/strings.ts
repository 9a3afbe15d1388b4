// Tells React Aria which words to use. It reads this global once, when its first part is drawn, and keeps the objects it
// finds there; so they stay, and their words are exchanged when the language is.

import type { Lang } from '../../lib/preferences';

interface Formatter {
  number(n: number): string;
}
type Word = string | ((args: Record<string, unknown>, formatter?: Formatter) => string);
export type Words = Record<string, Record<string, Word>>;

const STRINGS = Symbol.for('react-aria.i18n.strings');
const LOCALE = Symbol.for('react-aria.i18n.locale');

const current: Words = {};

export function speak(lang: Lang, words: Words): void {
  for (const [part, its] of Object.entries(words)) Object.assign((current[part] ??= {}), its);
  Object.assign(window, { [STRINGS]: current, [LOCALE]: lang });
}
