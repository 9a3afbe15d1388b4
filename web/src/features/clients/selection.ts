// Which clients are chosen, also those that are not read yet or have left the list.

import { useCallback, useMemo, useState } from 'react';
import type { Client } from './api';

export interface Selection {
  /** As they stand now, as far as the list knows. */
  clients: readonly Client[];
  has: (username: string) => boolean;
  toggle: (client: Client) => void;
  set: (clients: readonly Client[]) => void;
  clear: () => void;
}

export function useSelection(rows: readonly Client[]): Selection {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Client>>(new Map());
  const clients = useMemo(() => asTheyStand(chosen, rows), [chosen, rows]);
  const toggle = useCallback((client: Client) => setChosen((old) => toggled(old, client)), []);
  const set = useCallback((all: readonly Client[]) => setChosen(new Map(all.map((client) => [client.username, client]))), []);
  const clear = useCallback(() => setChosen(new Map()), []);
  return { clients, has: (username) => chosen.has(username), toggle, set, clear };
}

export function toggled(chosen: ReadonlyMap<string, Client>, client: Client): ReadonlyMap<string, Client> {
  const next = new Map(chosen);
  if (!next.delete(client.username)) next.set(client.username, client);
  return next;
}

/** Somebody who was chosen a while ago may stand otherwise by now. */
export function asTheyStand(chosen: ReadonlyMap<string, Client>, rows: readonly Client[]): Client[] {
  if (chosen.size === 0) return [];
  const now = new Map(rows.filter(({ username }) => chosen.has(username)).map((client) => [client.username, client]));
  return [...chosen.values()].map((client) => now.get(client.username) ?? client);
}
