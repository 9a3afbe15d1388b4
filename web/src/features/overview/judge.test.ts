import { describe, expect, it } from 'vitest';
import { Problem } from '../../api/problem';
import type { Meeting } from '../meetings/model';
import type { PortsState } from '../ports/api';
import type { Source } from '../sync/api';
import { judge, type Seen } from './judge';

const NOW = Date.parse('2026-11-21T06:00:00Z');
const meeting = (id: string, end_time: string) => ({ id, end_time }) as Meeting;
const ports = (free: number, last_error: string | null = null) =>
  ({ free_ports: Array(free).fill(0), settings: { port_range: [3000, 3099] }, last_error }) as unknown as PortsState;
const calm: Seen = { ready: null, failed: [], held: [], source: undefined, ports: ports(50), data: [], clients: 0 };
const kinds = (seen: Partial<Seen>) => judge({ ...calm, ...seen }, NOW).map(({ kind }) => kind);

describe('what needs a person', () => {
  it('is nothing on a calm day', () => {
    expect(kinds({})).toEqual([]);
  });

  it('stands with the worst first', () => {
    const ready = new Problem({ status: 503, code: 'house.not_ready', detail: 'the database does not answer' });
    const source = { url: 'http://django', last_error: 'timeout', set_aside_count: 2 } as Seen['source'];
    const failed = [meeting('a', '2026-11-21T07:00:00Z')];
    expect(kinds({ ready, source, failed, held: failed, clients: 2, ports: ports(4, 'disk') })).toEqual([
      'notReady', 'failed', 'held', 'source', 'rows', 'clients', 'portError', 'fewPorts',
    ]);
  });

  it('is data that failed or is late, and no other', () => {
    const data = (['failing', 'late', 'healthy', 'running', 'never', 'off'] as const).map((health) => ({ health }) as Source);
    expect(judge({ ...calm, data }, NOW).map((trouble) => trouble.kind === 'data' && trouble.source.health)).toEqual(['failing', 'late']);
  });

  it('is not a failure whose time is over', () => {
    expect(kinds({ failed: [meeting('a', '2026-11-21T05:00:00Z')] })).toEqual([]);
  });

  it('is not a source that nobody set up, nor a server that the live mark tells of', () => {
    const source = { url: '', last_error: null, set_aside_count: 0 } as unknown as Seen['source'];
    expect(kinds({ source, ready: Problem.unreachable() })).toEqual([]);
  });
});
