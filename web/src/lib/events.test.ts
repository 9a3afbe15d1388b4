import { describe, expect, it } from 'vitest';
import type { Happened, LiveEvent } from '../api/events';
import { newest } from './events';

const at = (number: number, event: LiveEvent): Happened => ({ number, at: '2026-11-21T10:00:00Z', event });
const port = (number: number) => at(number, { type: 'port_released', port: number });
const people = (number: number, id: string) => at(number, { type: 'participants_changed', id, name: id, clients: number });
const numbers = (...lists: Happened[][]) => newest(...lists).map(({ number }) => number);

describe('the newest events', () => {
  it('are those of all lists, nothing twice', () => {
    expect(numbers([port(5), port(4)], [port(4), port(2)], [])).toEqual([5, 4, 2]);
  });

  it('tell of people in one meeting once', () => {
    expect(numbers([people(9, 'a')], [people(8, 'b'), people(7, 'a'), port(6), people(5, 'a')])).toEqual([9, 8, 6]);
  });

  it('tell once of those who are lost alone in one room, and of many each time', () => {
    const lost = (number: number, room: string, others = 0) => at(number, { type: 'clients_lost', username: 'ali', others, room });
    expect(numbers([lost(9, 'a')], [lost(8, 'b'), lost(7, 'a'), lost(6, 'a', 4), lost(5, 'a', 3)])).toEqual([9, 8, 6, 5]);
  });

  it('leave out what is nobody\'s list\'s, and end somewhere', () => {
    expect(numbers([at(3, { type: 'settings_changed' }), port(1)])).toEqual([1]);
    expect(numbers(Array.from({ length: 80 }, (_, i) => port(i)))).toHaveLength(50);
  });
});
