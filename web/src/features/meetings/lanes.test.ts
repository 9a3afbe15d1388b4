import { expect, it } from 'vitest';
import { lanes } from './lanes';
import type { Meeting } from './model';

const START = Date.parse('2026-11-20T00:00:00Z');
const meeting = (id: string, from: string, to: string) =>
  ({ id, date_time: `2026-11-${from}:00Z`, end_time: `2026-11-${to}:00Z` }) as Meeting;

it('meetings share a lane only when they do not meet', () => {
  const placed = lanes(
    [meeting('c', '20T12:00', '20T13:00'), meeting('a', '20T10:00', '20T12:00'), meeting('b', '20T11:00', '20T12:30')],
    START,
  );
  expect(placed.map(({ meeting: { id }, lane }) => [id, lane])).toEqual([['a', 0], ['b', 1], ['c', 0]]);
});

it('a meeting over midnight is cut at the day, others are not there', () => {
  const placed = lanes([meeting('night', '19T18:00', '20T06:00'), meeting('gone', '18T10:00', '19T10:00')], START);
  expect(placed).toMatchObject([{ meeting: { id: 'night' }, from: 0, to: 0.25 }]);
});

it('a short meeting can still be hit', () => {
  const [bar] = lanes([meeting('short', '20T12:00', '20T12:01')], START);
  expect(bar && bar.to - bar.from).toBeCloseTo(15 / 1440);
});
