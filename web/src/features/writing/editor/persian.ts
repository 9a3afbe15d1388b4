// How Persian is written: letters, half-spaces, quotation marks and digits. Nothing here knows of an editor.

import { latinDigits } from '../../../lib/digits';

export const ZWNJ = '\u200c';
/** Stands for what is not text: code, pictures, names. */
export const OTHER = '\ufffc';

export type Digits = 'typed' | 'persian' | 'latin';

/** What to put in the place of a piece of the text. */
export interface Edit {
  from: number;
  to: number;
  text: string;
}

const LETTERS: Record<string, string> = { ي: 'ی', ى: 'ی', ك: 'ک' };
const ARABIC_SCRIPT = /[\u0600-\u06FF\u0750-\u077F\uFB50-\uFDFF\uFE70-\uFEFC]/;

/** What is to be changed in a line that came from elsewhere; `OTHER` in it stays as it is. */
export function cleanEdits(text: string, digits: Digits = 'typed'): Edit[] {
  return [...letters(text), ...halfSpaces(text), ...quotes(text), ...inDigits(text, digits)].sort((a, b) => a.from - b.from);
}

function* matches(text: string, pattern: RegExp): Generator<[at: number, word: string]> {
  for (const match of text.matchAll(pattern)) yield [match.index, match[0]];
}

const letters = (text: string): Edit[] => [...matches(text, /[يىك]/g)].map(([from, one]) => ({ from, to: from + 1, text: LETTERS[one] ?? one }));

/** One is enough, and none stands at a space or at an edge. */
function halfSpaces(text: string): Edit[] {
  const edits: Edit[] = [];
  for (const [from, run] of matches(text, /\u200c+/g)) {
    const to = from + run.length;
    const isLoose = [text[from - 1], text[to]].some((beside) => beside === undefined || /\s/.test(beside));
    if (isLoose) edits.push({ from, to, text: '' });
    else if (run.length > 1) edits.push({ from, to, text: ZWNJ });
  }
  return edits;
}

/** Pairs around Persian words. */
function quotes(text: string): Edit[] {
  const edits: Edit[] = [];
  for (const [from, pair] of matches(text, /(?<![\p{L}\p{N}])"(?!\s)[^"\n\ufffc]+(?<!\s)"(?![\p{L}\p{N}])|“[^“”\n\ufffc]+”/gu)) {
    if (!ARABIC_SCRIPT.test(pair)) continue;
    edits.push({ from, to: from + 1, text: '«' }, { from: from + pair.length - 1, to: from + pair.length, text: '»' });
  }
  return edits;
}

/** Digits in words with Latin letters belong to names, addresses and versions. */
function inDigits(text: string, digits: Digits): Edit[] {
  if (digits === 'typed' || (digits === 'persian' && !ARABIC_SCRIPT.test(text))) return [];
  const edits: Edit[] = [];
  for (const [at, word] of matches(text, /[^\s\ufffc]*[0-9٠-٩۰-۹][^\s\ufffc]*/g)) {
    if (/[A-Za-z@]/.test(word)) continue;
    for (const [inside, digit] of matches(word, /[0-9٠-٩۰-۹]/g)) {
      const other = asDigit(digit, digits);
      if (other !== digit) edits.push({ from: at + inside, to: at + inside + 1, text: other });
    }
  }
  return edits;
}

/** A digit as somebody wants to write it. */
export function asDigit(digit: string, digits: Digits): string {
  if (digits === 'typed') return digit;
  const latin = latinDigits(digit);
  return digits === 'latin' ? latin : String.fromCharCode(0x6f0 + Number(latin));
}

/** Adults who read silently, in words a minute; the server counts so too. */
const PERSIAN_SPEED = 215;
const ENGLISH_SPEED = 238;

export interface Count {
  words: number;
  /** A letter with its marks is one; spaces and half-spaces are none. */
  characters: number;
  readingSeconds: number;
}

/** A half-space joins: «می‌روم» is one word. */
export function countWords(text: string): { words: number; persian: number; characters: number } {
  const words = text.match(/\S*[\p{L}\p{N}]\S*/gu) ?? [];
  const persian = words.filter((word) => ARABIC_SCRIPT.test(word)).length;
  return { words: words.length, persian, characters: text.match(/[^\s\p{M}\u00ad\u200b-\u200f\u2060-\u2069\ufeff]/gu)?.length ?? 0 };
}

export function readingSeconds(words: number, persian: number): number {
  return Math.ceil((words * 60) / (persian * 2 >= words ? PERSIAN_SPEED : ENGLISH_SPEED));
}
