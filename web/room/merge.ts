// Two people write in the same minutes: their edits are put together line by line.

interface Edit {
  /** Lines of the base that stay before the edit, and after it. */
  head: number;
  tail: number;
  lines: string[];
}

/** The edit that makes `to` of `from`, as the one stretch of lines that differs. */
function edit(from: string[], to: string[]): Edit {
  const shorter = Math.min(from.length, to.length);
  let head = 0;
  while (head < shorter && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < shorter - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail++;
  return { head, tail, lines: to.slice(head, to.length - tail) };
}

/** `mine` and `theirs`, both written on `base`, as one text; null when they touch the same lines. */
export function merge(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || theirs === base) return mine;
  if (mine === base) return theirs;
  const lines = base.split('\n');
  const a = edit(lines, mine.split('\n'));
  const b = edit(lines, theirs.split('\n'));
  const [first, second] = a.head <= b.head ? [a, b] : [b, a];
  const firstEnd = lines.length - first.tail;
  const secondEnd = lines.length - second.tail;
  // Two insertions at one place have no order that both would accept.
  if (firstEnd > second.head || (first.head === second.head && firstEnd === secondEnd)) return null;
  return [
    ...lines.slice(0, first.head),
    ...first.lines,
    ...lines.slice(firstEnd, second.head),
    ...second.lines,
    ...lines.slice(secondEnd),
  ].join('\n');
}

/** Where the caret at `at` in `before` belongs in `after`. */
export function moveCaret(before: string, after: string, at: number): number {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  if (at <= head) return at;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return Math.max(head, at + after.length - before.length);
}
