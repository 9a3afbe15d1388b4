// Rooms and pipelines with those who are to sit there and those who wait.

import { byName } from '../../lib/collate';
import type { Assignments, Seat } from './api';

export interface Target {
  kind: Seat;
  name: string;
  /** `null`: it has room for all. */
  capacity: number | null;
  seated: readonly string[];
  waiting: readonly string[];
}

export const keyOf = ({ kind, name }: Pick<Target, 'kind' | 'name'>): string => `${kind} ${name}`;

/** Every room and pipeline that anybody sits in, waits for, or that has a capacity; rooms come first. */
export function targets({ clients2room, clients2pipeline, capacities, waiting }: Assignments): Target[] {
  const all = new Map<string, { kind: Seat; name: string; capacity: number | null; seated: string[]; waiting: string[] }>();
  const at = (kind: Seat, name: string) => {
    const key = keyOf({ kind, name });
    const known = all.get(key) ?? { kind, name, capacity: null, seated: [], waiting: [] };
    all.set(key, known);
    return known;
  };
  for (const [username, room] of Object.entries(clients2room)) at('room', room).seated.push(username);
  for (const [username, pipeline] of Object.entries(clients2pipeline)) at('pipeline', pipeline).seated.push(username);
  for (const { kind, name, capacity } of capacities) at(kind, name).capacity = capacity;
  for (const { kind, name, username } of [...waiting].sort((a, b) => a.turn - b.turn)) at(kind, name).waiting.push(username);
  const order = (kind: Seat) => (kind === 'room' ? 0 : 1);
  return [...all.values()].sort((a, b) => order(a.kind) - order(b.kind) || byName(a.name, b.name));
}
