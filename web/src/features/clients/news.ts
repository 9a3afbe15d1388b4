// What changed since lists were read, laid over them: a list of a hundred thousand is never read anew for one client.

import { holds } from '../../lib/collate';
import type { Client, ClientPage, Filter } from './api';

/** Who stands otherwise at an offset, and who is not known any more. */
export interface Changes {
  offset: number;
  items: readonly Client[];
  gone: readonly string[];
}

/** For each that changed, how they stand now, the newest last; `null` when they are gone. */
export type News = ReadonlyMap<string, { offset: number; client: Client | null }>;

export const NO_NEWS: News = new Map();

export function added(news: News, changes: readonly Changes[]): News {
  const all = new Map(news);
  const put = (username: string, offset: number, client: Client | null) => {
    // What is put in anew goes to the end.
    all.delete(username);
    all.set(username, { offset, client });
  };
  for (const { offset, items, gone } of changes) {
    items.forEach((client) => put(client.username, offset, client));
    gone.forEach((username) => put(username, offset, null));
  }
  return all;
}

type Pages = readonly Pick<ClientPage, 'items' | 'offset'>[];

/** The clients of a list as they stand now; `hasMore` says that pages follow which are not read yet. */
export function laidOver(pages: Pages, news: News, filter: Filter, hasMore: boolean): Client[] {
  const read = new Set<string>();
  const rows = pages.flatMap(({ items, offset }) =>
    items.flatMap((client) => {
      read.add(client.username);
      const now = news.get(client.username);
      if (!now || now.offset <= offset) return client;
      return now.client && isFound(now.client, filter) ? now.client : [];
    }),
  );
  const last = pages.at(-1)?.items.at(-1)?.username;
  const isHere = (username: string) => !hasMore || (last !== undefined && username < last);
  const isFresh = (username: string, offset: number) => offset > (pageOf(pages, username)?.offset ?? 0);
  const fresh = [...news].flatMap(([username, { offset, client }]) =>
    client && !read.has(username) && isHere(username) && isFresh(username, offset) && isFound(client, filter) ? client : [],
  );
  return fresh.length === 0 ? rows : [...rows, ...fresh].sort((a, b) => (a.username < b.username ? -1 : 1));
}

/** The page on which somebody would stand. */
const pageOf = (pages: Pages, username: string) => pages.find(({ items }) => username <= (items.at(-1)?.username ?? '')) ?? pages.at(-1);

/** Whether a filter finds a client, as the server would. */
export function isFound(client: Client, { state, q, source, room }: Filter): boolean {
  const words = q?.split(/\s+/).filter(Boolean) ?? [];
  return (
    (!state || client.state === state) &&
    (!source || client.source === source) &&
    (!room || client.room === room || client.places.some(({ place }) => place === room)) &&
    words.every((word) => holds(`${client.username} ${client.name}`, word))
  );
}

/** The clients of one column of the board: whoever moved last comes first, then whoever was seen last. */
export function column(state: Client['state'], pages: Pages, news: News, most: number): Client[] {
  const moved = [...news.values()].flatMap(({ client }) => (client?.state === state ? client : [])).reverse();
  const names = new Set(moved.map(({ username }) => username));
  const still = laidOver(pages, news, { state }, true).filter(({ username }) => !names.has(username));
  still.sort((a, b) => (b.last_seen ?? '').localeCompare(a.last_seen ?? ''));
  return [...moved, ...still].slice(0, most);
}

/** From where on changes must be known to lay them over these pages. */
export const offsetOf = (pages: Pages): number | undefined => (pages.length > 0 ? Math.min(...pages.map(({ offset }) => offset)) : undefined);
