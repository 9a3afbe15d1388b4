import { expect, it } from 'vitest';
import type { FiguresOfTime } from './api';
import { bars, toAsked } from './figures';

const NOW = Date.parse('2026-11-21T21:37:05Z');

it('so many days are asked for with today, from a moment that stays for a quarter of an hour', () => {
  expect(toAsked('day', undefined, NOW)).toEqual({ by: 'hour' });
  expect(toAsked('week', 'class', NOW)).toEqual({ by: 'day', from: '2026-11-15T21:30:00.000Z', room: 'class' });
});

it('the highest bar fills the box, and nothing is a thin line', () => {
  const item = (joins: number) => ({ joins }) as FiguresOfTime;
  expect(bars([item(0), item(8), item(2), item(4)], 'joins').map(({ x, y, height }) => [x, y, height])).toEqual([
    [2.5, 99.5, 0.5],
    [27.5, 0, 100],
    [52.5, 75, 25],
    [77.5, 50, 50],
  ]);
  expect(bars([], 'lost')).toEqual([]);
});
