// What needs a person, the worst first.

import { Problem } from '../../api/problem';
import type { components } from '../../api/schema.gen';
import type { Meeting } from '../meetings/model';
import type { PortsState } from '../ports/api';
import type { Source } from '../sync/api';

export type Trouble =
  | { kind: 'notReady'; detail: string }
  | { kind: 'failed'; meeting: Meeting }
  | { kind: 'held'; count: number }
  | { kind: 'source'; detail: string }
  | { kind: 'rows'; count: number }
  | { kind: 'data'; source: Source }
  | { kind: 'clients'; count: number }
  | { kind: 'portError'; detail: string }
  | { kind: 'fewPorts'; free: number };

export interface Seen {
  ready: Problem | null;
  failed: readonly Meeting[];
  held: readonly Meeting[];
  source: components['schemas']['SourceStatus'] | undefined;
  ports: PortsState | undefined;
  data: readonly Source[];
  /** How many things about clients could not be taken. */
  clients: number;
}

/** Below this share of free ports somebody should know. */
const FEW = 0.05;

export function judge({ ready, failed, held, source, ports, data, clients }: Seen, now: number): Trouble[] {
  const troubles: (Trouble | false)[] = [
    // While the server does not answer at all, the live mark says so.
    ready !== null && ready.status === 503 && { kind: 'notReady', detail: ready.message },
    ...failed.filter(({ end_time }) => Date.parse(end_time) > now).map((meeting) => ({ kind: 'failed', meeting }) as const),
    held.length > 0 && { kind: 'held', count: held.length },
    Boolean(source?.url && source.last_error) && { kind: 'source', detail: source?.last_error ?? '' },
    (source?.set_aside_count ?? 0) > 0 && { kind: 'rows', count: source?.set_aside_count ?? 0 },
    ...data.filter(({ health }) => health === 'failing' || health === 'late').map((source) => ({ kind: 'data', source }) as const),
    clients > 0 && { kind: 'clients', count: clients },
    Boolean(ports?.last_error) && { kind: 'portError', detail: ports?.last_error ?? '' },
    ports !== undefined && isShort(ports) && { kind: 'fewPorts', free: ports.free_ports.length },
  ];
  return troubles.filter((trouble) => trouble !== false);
}

function isShort({ free_ports, settings: { port_range } }: PortsState): boolean {
  const [first = 0, last = 0] = port_range;
  return free_ports.length < (last - first + 1) * FEW;
}

export const isBad = (trouble: Trouble): boolean =>
  trouble.kind === 'notReady' || trouble.kind === 'failed' || (trouble.kind === 'data' && trouble.source.health === 'failing');
