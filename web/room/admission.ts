// How this page gets in: by name, by a token in the address, or by the seat of a cut connection.

import type { Phase } from './views/card';

export interface Info {
  starts_at: string | null;
  ends_at: string | null;
  participants: number;
  locked: boolean;
  guests: boolean;
}

/** What `GET /info` says; null when it cannot be reached. */
export async function readInfo(): Promise<Info | null> {
  return read('info') as Promise<Info | null>;
}

/**
 * Why the room would not take this query: its code, `upgrade.required` when it would, and null when
 * it cannot be reached. A script cannot see why its WebSocket was refused, so the room is asked again.
 */
export async function readRefusal(query: URLSearchParams): Promise<string | null> {
  const answer = (await read(`ws?${query}`)) as { code?: string } | null;
  return answer?.code ?? null;
}

async function read(path: string): Promise<unknown> {
  try {
    const answer = await fetch(path, { cache: 'no-store', credentials: 'omit' });
    return await answer.json();
  } catch {
    return null;
  }
}

/** What a refusal makes of the card; null for those that pass by themselves. */
export function phaseOfRefusal(code: string): Phase | null {
  if (code.startsWith('token.') || code === 'seat.unknown') return 'badlink';
  return PHASES[code] ?? null;
}

const PHASES: Record<string, Phase> = {
  'guests.refused': 'members',
  'room.locked': 'locked',
  'room.full': 'full',
  'room.ended': 'ended',
  'person.removed': 'kicked',
  'person.blocked': 'blocked',
  'origin.refused': 'lost',
  'name.invalid': 'live',
};

export interface Arrival {
  /** What lets in. */
  token: string | null;
  /** The join page that gave it, which gives another one: the last part of its address. */
  from: string | null;
}

/** What stands behind the `#` of the address. It is taken out of it, because it is nobody else's. */
export function takeArrival(): Arrival {
  const brought = new URLSearchParams(location.hash.slice(1));
  const [token, from] = [brought.get('token'), brought.get('from')];
  if (token) history.replaceState(history.state, '', location.pathname + location.search);
  return { token, from: token && from?.match(/^[0-9a-z]+$/) ? from : null };
}

/** The join page's address beside the rooms' folder, in the language of this page. */
export function joinPage(from: string): string {
  return new URL(`../../j/${from}${location.search}`, location.href).href;
}

/** The WebSocket's address beside this page. */
export function address(query: URLSearchParams): string {
  const url = new URL(`ws?${query}`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
