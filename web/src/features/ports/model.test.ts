import { describe, expect, it } from 'vitest';
import type { PortsState } from './api';
import { holders, mapLines, meetingOf } from './model';

const state = {
  current_port: 3005,
  used_ports: [3005, 3001, 4444],
  port_usage: { 3005: 7 },
  leases: { 3005: { owner: 'meeting abc', since: '' }, 3001: { owner: 'admin', since: '' } },
} as unknown as PortsState;

describe('holders', () => {
  it('are in order, with those that listen without a lease', () => {
    expect(holders(state).map(({ port, kind, active, picked }) => [port, kind, active, picked])).toEqual([
      [3001, 'lease', false, 0],
      [3005, 'lease', true, 7],
      [4444, 'other', false, 0],
    ]);
  });

  it('may be meetings', () => {
    expect(['meeting abc', 'meeting room 4', 'admin', null].map(meetingOf)).toEqual(['abc', null, null, null]);
  });
});

describe('the map', () => {
  const lines = (shown?: number) => mapLines(3000, 9000, holders(state), 100, shown).map(({ first, last, held }) => [first, last, held?.length ?? null]);

  it('folds what is free', () => {
    expect(lines()).toEqual([[3000, 3099, 2], [3100, 4399, null], [4400, 4499, 1], [4500, 9000, null]]);
  });

  it('unfolds the line of the port that is looked at', () => {
    expect(lines(9000)).toEqual([[3000, 3099, 2], [3100, 4399, null], [4400, 4499, 1], [4500, 8999, null], [9000, 9000, 0]]);
  });
});
