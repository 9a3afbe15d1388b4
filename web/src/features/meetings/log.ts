// A log that is read and followed at the same time.

/** The last lines, and those that were followed meanwhile; what both have is taken once. */
export function joinLines(tail: readonly string[], followed: readonly string[]): string[] {
  for (let both = Math.min(tail.length, followed.length); both > 0; both -= 1) {
    const same = tail.slice(-both).every((line, i) => line === followed[i]);
    if (same) return [...tail, ...followed.slice(both)];
  }
  return [...tail, ...followed];
}
