// Days of the calendar that the whole world shares, written `2026-11-20`, and when they begin in a zone.

const DAY_MS = 86_400_000;

/** Whether a text is such a day, also of the length of its month. */
export function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(at) && toDay(at) === text;
}

export const addDays = (day: string, count: number): string => toDay(Date.parse(day) + count * DAY_MS);
export const dayAfter = (day: string): string => addDays(day, 1);

/** The day on which a zone's calendar stands at a moment. */
export const dayAt = (at: number, zone: string): string => new Date(at).toLocaleDateString('sv-SE', { timeZone: zone });

/**
 * The first moment of a day. Where clocks go forward over midnight it begins later; where they go back over it, the
 * first of both midnights counts.
 */
export const startOf = (day: string, zone: string): number => momentOf(Date.parse(day), zone);

/** The moment at which a zone's clock stands so, written as if the clock were that of UTC; the same holds for any time of the day. */
export function momentOf(wall: number, zone: string): number {
  const around = [wall - DAY_MS, wall + DAY_MS].map((at) => wall - offsetAt(at, zone));
  const moments = around.filter((at) => at + offsetAt(at, zone) === wall);
  return moments.length ? Math.min(...moments) : Math.max(...around);
}

/** How far a zone's clock is ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const wall = new Date(at).toLocaleString('sv-SE', { timeZone: zone });
  return Date.parse(`${wall.replace(' ', 'T')}Z`) - at;
}

const toDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
