// Numbers as people type them: Persian, Arabic and Latin digits mean the same.

const DIGITS = /[۰-۹٠-٩]/g;

/** The same text with Latin digits. Both blocks of digits begin at a multiple of sixteen. */
export function latinDigits(text: string): string {
  return text.replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 15));
}

/** A whole number, grouped or not; `null` when the text is none. */
export function readWhole(text: string): number | null {
  const plain = latinDigits(text).replace(/[\s,٬،_]/g, '');
  return /^\d{1,15}$/.test(plain) ? Number(plain) : null;
}
