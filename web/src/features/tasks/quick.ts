// One line that says a whole task: «گزارش را بفرست فردا ۱۰ @سارا #بودجه !فوری».

import { fold } from '../../lib/collate';
import { isNumber, read, type When } from '../../lib/when';
import type { Named, Priority } from './api';

/** What a line says. */
export interface Said {
  title: string;
  due: When | null;
  /** Of `due`, as it was written. */
  dueWords: string;
  /** Those who are known. */
  people: readonly Named[];
  /** Names that are still to be looked for. */
  names: readonly string[];
  labels: readonly string[];
  priority: Priority | null;
}

const PRIORITY_WORDS: Record<Priority, string> = {
  urgent: 'فوری خیلی‌مهم urgent 1',
  high: 'مهم زیاد بالا high important 2',
  medium: 'متوسط عادی medium normal 3',
  low: 'کم پایین low 4',
  none: 'بی‌اولویت none',
};

const key = (word: string): string => fold(word).replaceAll('\u200c', '');
const PRIORITY_OF = new Map(Object.entries(PRIORITY_WORDS).flatMap(([priority, words]) => words.split(' ').map((word) => [key(word), priority as Priority])));

interface Here {
  now: number;
  zone: string;
  /** Whom the line names by more than a word. */
  known?: readonly Named[];
  /** Words that look like a date and are none. */
  isDated?: boolean;
}

export function parse(line: string, { now, zone, known = [], isDated = true }: Here): Said {
  const people = known.filter(({ name }) => line.includes(`@${name}`));
  const rest = people.reduce((text, { name }) => text.replace(`@${name}`, ' '), line);
  const names: string[] = [];
  const labels: string[] = [];
  let priority: Priority | null = null;
  const words = rest.split(/\s+/).filter((word) => {
    const [mark, name] = [word[0], word.slice(1).replace(/[،,.;:]+$/, '')];
    if (!name) return word !== '';
    if (mark === '@') return names.push(name), false;
    if (mark === '#') return labels.push(name), false;
    const asked = mark === '!' ? PRIORITY_OF.get(key(name)) : undefined;
    if (asked) return (priority = asked), false;
    return true;
  });
  const dated = isDated ? findDate(words, now, zone) : null;
  const title = dated ? [...words.slice(0, dated.from), ...words.slice(dated.to)] : words;
  return {
    title: title.join(' ').replace(/[،,]$/, ''),
    due: dated?.when ?? null,
    dueWords: dated ? words.slice(dated.from, dated.to).join(' ') : '',
    people,
    names: [...new Set(names)],
    labels: [...new Set(labels)],
    priority,
  };
}

interface Dated {
  when: When;
  from: number;
  to: number;
}

/** The most words that a date has. */
const LONGEST = 7;
/** `sun cream`, `may I`: a short English word is a date only at the end of a line. */
const SHORT = /^[a-z]{1,3}$/i;

/** The longest run of words that says a time; of several the last. Something else has to be left for the title. */
function findDate(words: readonly string[], now: number, zone: string): Dated | null {
  for (let length = Math.min(LONGEST, words.length - 1); length > 0; length--) {
    for (let from = words.length - length; from >= 0; from--) {
      const to = from + length;
      const when = read(words.slice(from, to).join(' '), now, zone);
      if (!when || (length === 1 && to < words.length && SHORT.test(words[from] ?? ''))) continue;
      return withoutNumber({ when, from, to }, words, now, zone);
    }
  }
  return null;
}

/** Of “send 2 tomorrow” the number belongs to the title. */
function withoutNumber(dated: Dated, words: readonly string[], now: number, zone: string): Dated {
  const rest = isNumber(words[dated.from] ?? '') ? read(words.slice(dated.from + 1, dated.to).join(' '), now, zone) : null;
  return rest ? { ...dated, when: rest, from: dated.from + 1 } : dated;
}
