// Which way words read.

export type Dir = 'rtl' | 'ltr';

const RTL = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF]/;
const LETTER = /\p{Alphabetic}/u;

/** Words vote: Persian text is full of Latin names, and English text hardly ever of Persian ones. */
export function ofText(text: string): Dir | null {
  let rtl = 0;
  let all = 0;
  for (const word of text.split(/\s+/)) {
    const [first] = LETTER.exec(word) ?? [];
    if (!first || /:\/\//.test(word) || /@.*\.|\..*@/.test(word)) continue;
    all++;
    if (RTL.test(first)) rtl++;
  }
  return all === 0 ? null : rtl * 5 > all * 2 ? 'rtl' : 'ltr';
}
