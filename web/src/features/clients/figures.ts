// How many were connected and what happened: what is asked for, and how high its bars stand.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Asked, FiguresOfTime } from './api';
import type { Period } from './search';

export type Measure = 'connected_max' | 'joins' | 'lost' | 'pauses' | 'blocks';

export const MEASURES: Record<Measure, MessageDescriptor> = {
  connected_max: msg`Connected at most`,
  joins: msg`Times somebody came in`,
  lost: msg`Connections lost`,
  pauses: msg`Pauses`,
  blocks: msg`Blocks`,
};

export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[];

const DAY_MS = 86_400_000;
const DAYS: Record<Exclude<Period, 'day'>, number> = { week: 7, month: 30, quarter: 90 };

/** Hours and days of all zones begin on a quarter of an hour; what is asked for stays the same for as long. */
const QUARTER_MS = 900_000;

/** The last 24 hours by hours, or so many days of the house with today: it counts from the day that holds the moment. */
export function toAsked(period: Period, room: string | undefined, now: number): Asked {
  const of = room ? { room } : {};
  if (period === 'day') return { by: 'hour', ...of };
  return { by: 'day', from: new Date(now - (now % QUARTER_MS) - (DAYS[period] - 1) * DAY_MS).toISOString(), ...of };
}

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Bars from left to right in a box of 100 by 100, the highest of them as high as the box; a thin line where there is nothing. */
export function bars(items: readonly FiguresOfTime[], measure: Measure): Bar[] {
  const highest = Math.max(1, ...items.map((item) => item[measure]));
  const step = 100 / Math.max(1, items.length);
  return items.map((item, i) => {
    const height = Math.max(0.5, (item[measure] / highest) * 100);
    return { x: i * step + step * 0.1, y: 100 - height, width: step * 0.8, height };
  });
}
