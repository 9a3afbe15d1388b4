// The order of names. The Persian collation orders Latin letters too.

const persian = new Intl.Collator('fa', { numeric: true });

/** Compares two names for sorting. */
export function byName(a: string, b: string): number {
  return persian.compare(a, b);
}

/** What a search compares: one spelling for letters and digits that look or sound alike. */
export function fold(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[يىئے]/g, 'ی')
    .replace(/ك/g, 'ک')
    .replace(/[ةۀہە]/g, 'ه')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ؤ/g, 'و')
    .replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .normalize('NFD')
    .replace(/\p{Mn}|[\u0640\u00ad\u200b\u200d-\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .toLowerCase();
}

const joined = (text: string) => fold(text).replace(/\u200c/g, '');
const split = (text: string) => fold(text).replace(/\u200c/g, ' ');

/** Whether `text` holds `query`, however either was spelt. */
export function holds(text: string, query: string): boolean {
  return joined(text).includes(joined(query)) || split(text).includes(split(query));
}
