import { expect, it } from 'vitest';
import { complete } from '../../lib/preferences';
import { Formats } from '../../lib/formats';
import type { FiguresOfTime } from './api';
import { bars, toAsked } from './figures';

const NOW = Date.parse('2026-11-21T21:30:00Z');

it('days are the reader’s own, and today is one of them', () => {
  const days = new Formats(complete({}, 'fa'));
  expect(toAsked('day', undefined, NOW, days)).toEqual({ by: 'hour' });
  expect(toAsked('week', 'class', NOW, days)).toEqual({ by: 'day', from: '2026-11-16', room: 'class' });
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
