// What can be said of a client, and done about one, in each state.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Tone } from '../../ui/Status';
import type { Bulk, BulkAnswers, Client, ClientEvent, ClientSource, ClientState } from './api';

interface Look {
  tone: Tone;
  word: MessageDescriptor;
}

export const STATES: Record<ClientState, Look> = {
  blocked: { tone: 'bad', word: msg`Blocked` },
  paused: { tone: 'wait', word: msg`Paused` },
  active: { tone: 'live', word: msg`Connected` },
  connection_error: { tone: 'warn', word: msg`Connection lost` },
  deactivated: { tone: 'over', word: msg`Not connected` },
};

/** The order in which people look for them. */
export const STATE_NAMES = ['active', 'connection_error', 'paused', 'blocked', 'deactivated'] as const satisfies readonly ClientState[];

export const SOURCES: Record<ClientSource, MessageDescriptor> = {
  hand: msg`Added by hand`,
  import: msg`Imported`,
  directory: msg`Directory`,
  room: msg`Guest of a room`,
  folder: msg`Folder`,
};

export const SOURCE_NAMES = ['hand', 'import', 'directory', 'room', 'folder'] as const satisfies readonly ClientSource[];

/** What people can order about clients. */
export type Order = 'pause' | 'resume' | 'block' | 'unblock' | 'disconnect';

/** Those that say why, and may say until when. */
export type Worded = Exclude<Order, 'resume' | 'unblock'>;

export const isWorded = (order: Order): order is Worded => order !== 'resume' && order !== 'unblock';

/** What is to be ordered, about whom. */
export interface Asked {
  order: Order;
  clients: readonly Client[];
}

const FITS: Record<Order, (client: Client) => boolean> = {
  pause: ({ blocked }) => !blocked,
  resume: ({ paused, blocked }) => paused && !blocked,
  block: () => true,
  unblock: ({ blocked }) => blocked,
  disconnect: ({ places }) => places.length > 0,
};

/** Whether an order makes sense for a client as it stands. */
export const fits = (order: Order, client: Client): boolean => FITS[order](client);

export const seen = ({ username, version }: Client) => ({ username, version });

const OPPOSITE: Partial<Record<Order, 'pause' | 'resume' | 'block' | 'unblock'>> = { pause: 'resume', resume: 'pause', block: 'unblock', unblock: 'block' };
const LIFTED_BY: Partial<Record<Order, ClientState>> = { pause: 'paused', resume: 'paused', block: 'blocked', unblock: 'blocked' };

/**
 * What takes an order back from those who obeyed it: whoever was paused or blocked before gets those words back, from
 * all others it is lifted. Nobody's connection can be given back.
 */
export function inverse(order: Order, before: readonly Client[], { items }: BulkAnswers): Bulk[] {
  const opposite = OPPOSITE[order];
  if (!opposite) return [];
  const old = new Map(before.map((client) => [client.username, client]));
  const bulks = new Map<string, Bulk>();
  for (const { client: now, changed } of items) {
    const was = now && old.get(now.username);
    if (!was || !changed) continue;
    const hadIt = was.state === LIFTED_BY[order];
    const bulk = hadIt ? again(order, was) : { action: opposite, reason: '', until: null };
    const key = JSON.stringify(bulk);
    const known = bulks.get(key);
    if (known) known.clients.push(seen(now));
    else bulks.set(key, { ...bulk, clients: [seen(now)] });
  }
  return [...bulks.values()];
}

const again = (order: Order, { reason, until }: Client) => ({
  action: order === 'pause' || order === 'resume' ? ('pause' as const) : ('block' as const),
  reason: reason ?? '',
  until: until ?? null,
});

/** The first letters of the first two words of a name; a thin space keeps Persian ones apart. */
export function initials(name: string): string {
  const letters = name.split(/[\s\u200c]+/).flatMap((word) => [...word].find((sign) => /[\p{L}\p{N}]/u.test(sign)) ?? []);
  const isArabic = letters.some((letter) => /\p{Script=Arabic}/u.test(letter));
  return letters.slice(0, 2).join(isArabic ? '\u202f' : '').toLocaleUpperCase('en');
}

/** A line of a client's history. Words that the server may learn later are shown as they come. */
export const HAPPENED: Record<string, Look> = {
  added: { tone: 'over', word: msg`Added` },
  changed: { tone: 'over', word: msg`Changed` },
  removed: { tone: 'over', word: msg`Removed` },
  withdrawn: { tone: 'over', word: msg`No longer expected` },
  paused: { tone: 'wait', word: msg`Paused` },
  resumed: { tone: 'over', word: msg`Resumed` },
  blocked: { tone: 'bad', word: msg`Blocked` },
  unblocked: { tone: 'over', word: msg`Unblocked` },
  disconnected: { tone: 'warn', word: msg`Disconnected` },
  closed: { tone: 'warn', word: msg`Put out` },
  admitted: { tone: 'over', word: msg`May come back` },
  assigned: { tone: 'over', word: msg`Assigned` },
  unassigned: { tone: 'over', word: msg`Seat taken away` },
  waiting: { tone: 'wait', word: msg`Waits for a seat` },
  joined: { tone: 'live', word: msg`Came in` },
  rejoined: { tone: 'live', word: msg`Came back` },
  'left': { tone: 'over', word: msg`Left` },
  lost: { tone: 'warn', word: msg`Connection lost` },
};

/** Those whose detail is a place. */
const AT_A_PLACE: ReadonlySet<string> = new Set(['joined', 'rejoined', 'left', 'lost', 'assigned', 'unassigned', 'waiting']);
const BAD: ReadonlySet<string> = new Set(['lost', 'disconnected']);

export const isAtPlace = ({ kind }: ClientEvent): boolean => AT_A_PLACE.has(kind);
export const isError = ({ kind }: ClientEvent): boolean => BAD.has(kind);

/** A stretch of time in a place; it goes on while `to` is `null`. */
export interface Visit {
  place: string;
  from: string;
  to: string | null;
}

/** Where a client was, the newest first, from what happened as far as it is known; the newest of that comes first too. */
export function visits(events: readonly ClientEvent[]): Visit[] {
  const open = new Map<string, Visit>();
  const all: Visit[] = [];
  for (const { kind, detail, at } of [...events].reverse()) {
    if (kind === 'joined' || kind === 'rejoined') {
      if (open.has(detail)) continue;
      const visit: Visit = { place: detail, from: at, to: null };
      open.set(detail, visit);
      all.push(visit);
    }
    if (kind === 'left' || kind === 'lost') {
      const visit = open.get(detail);
      if (visit) visit.to = at;
      open.delete(detail);
    }
  }
  return all.reverse();
}

/** For how many seconds of `visits` a client was anywhere since a moment; in two places at once counts once. */
export function uptime(visits: readonly Visit[], since: number, now: number): number {
  const spans = visits
    .map(({ from, to }) => [Math.max(Date.parse(from), since), Math.min(to ? Date.parse(to) : now, now)] as const)
    .filter(([from, to]) => to > from)
    .sort(([a], [b]) => a - b);
  let [sum, end] = [0, since];
  for (const [from, to] of spans) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum / 1_000;
}
