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
  'origin.refused': 'lost',
  'name.invalid': 'live',
};

/** The token in the address, which is taken out of it: it is nobody else's. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}

/** The WebSocket's address beside this page. */
export function address(query: URLSearchParams): string {
  const url = new URL(`ws?${query}`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
