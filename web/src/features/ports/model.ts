// The ports of the range: who holds which, and where the free stretches are.

import type { components } from '../../api/schema.gen';
import type { PortsState } from './api';

type Lease = components['schemas']['LeaseView'];

/** `lease`: given by the port manager; `other`: some program listens on it. */
export interface Holder {
  port: number;
  kind: 'lease' | 'other';
  active: boolean;
  owner: string | null;
  lease: Lease | null;
  picked: number;
}

/** The first and the last port that are handed out. */
export const rangeOf = ({ settings: { port_range } }: PortsState) => [port_range[0] ?? 0, port_range[1] ?? 0] as const;

export function holders(state: PortsState): Holder[] {
  const leases = state.leases as Record<string, Lease | undefined>;
  const usage = state.port_usage as Record<string, number | undefined>;
  const ports = new Set([...state.used_ports, ...Object.keys(leases).map(Number)]);
  return [...ports]
    .sort((a, b) => a - b)
    .map((port) => {
      const lease = leases[port] ?? null;
      const owner = lease?.owner ?? null;
      return { port, kind: lease ? 'lease' : 'other', active: port === state.current_port, owner, lease, picked: usage[port] ?? 0 };
    });
}

/** A line of the map: `width` ports from `first`, or a stretch of lines in which every port is free. */
export type MapLine = { first: number; last: number; held: readonly Holder[] } | { first: number; last: number; held: null };

/** The range in lines, whole free lines next to each other as one; the line of `shown` stays a line. */
export function mapLines(first: number, last: number, held: readonly Holder[], width: number, shown?: number): MapLine[] {
  const lines: MapLine[] = [];
  for (let start = first; start <= last; start += width) {
    const end = Math.min(start + width - 1, last);
    const here = held.filter(({ port }) => port >= start && port <= end);
    const open = here.length > 0 || (shown !== undefined && shown >= start && shown <= end);
    const before = lines.at(-1);
    if (open) lines.push({ first: start, last: end, held: here });
    else if (before && before.held === null) before.last = end;
    else lines.push({ first: start, last: end, held: null });
  }
  return lines;
}

/** The meeting that holds a port, when one does: the supervisor signs its leases so. */
export function meetingOf(owner: string | null): string | null {
  return /^meeting (\w+)$/.exec(owner ?? '')?.[1] ?? null;
}
