// Words of others inside our sentences: isolated, so that neither reorders the other.

export const LEFT_TO_RIGHT = '\u2066';
const FIRST_STRONG = '\u2068';
export const END = '\u2069';

/** A name or a text of unknown direction, for a message that is plain text. */
export function isolate(text: string): string {
  return `${FIRST_STRONG}${text}${END}`;
}

/** A port, an address or an id, for a message that is plain text. */
export function isolateLtr(text: string | number): string {
  return `${LEFT_TO_RIGHT}${text}${END}`;
}
