// Where meetings stand on the strip of a day, so that none covers another.

import type { Meeting } from './model';

export const DAY_MS = 86_400_000;
/** A bar is at least as wide as a quarter of an hour, so that it can be hit. */
const LEAST_MS = 15 * 60_000;

export interface Placed {
  meeting: Meeting;
  lane: number;
  /** Shares of the day, 0 to 1. */
  from: number;
  to: number;
}

/** The meetings of the day that begins at `start`, each in the first lane that is free by then. */
export function lanes(meetings: readonly Meeting[], start: number): Placed[] {
  const share = (at: number) => Math.min(1, Math.max(0, (at - start) / DAY_MS));
  const spans = meetings.map((meeting) => {
    const from = Date.parse(meeting.date_time);
    return { meeting, from, to: Math.max(Date.parse(meeting.end_time), from + LEAST_MS) };
  });
  const ends: number[] = [];
  return spans
    .filter(({ from, to }) => from < start + DAY_MS && to > start)
    .sort((a, b) => a.from - b.from)
    .map(({ meeting, from, to }) => {
      const free = ends.findIndex((end) => end <= from);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = to;
      return { meeting, lane, from: share(from), to: share(to) };
    });
}
