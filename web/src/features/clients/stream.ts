// Changes of clients as they happen: `GET /api/v1/clients/stream`.

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { renewAccess } from '../../api/client';
import { gather } from '../../lib/live';
import { keys } from './api';
import { added, NO_NEWS, type Changes, type News } from './news';

const AGAIN_MS = 2_000;
/** More than this is better read anew. */
const MOST_NEWS = 5_000;

interface Listener {
  changes: (changes: Changes) => void;
  /** Too much was missed: read everything anew. */
  reset: () => void;
}

/** Listens from an offset on, and gives what ends it. */
export function followChanges(offset: number, { changes, reset }: Listener): () => void {
  let source = new EventSource(`/api/v1/clients/stream?offset=${offset}`);
  let timer = 0;
  let isOver = false;
  const end = () => {
    isOver = true;
    clearTimeout(timer);
    source.close();
  };
  source.addEventListener('changes', ({ data }: MessageEvent<string>) => changes(JSON.parse(data) as Changes));
  source.addEventListener('snapshot', () => (end(), reset()));
  // A browser comes back by itself, with the last offset, unless it was refused: then access may be too old.
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    const again = () => !isOver && (end(), reset());
    timer = window.setTimeout(() => void renewAccess().then(again, again), AGAIN_MS);
  };
  return end;
}

/** What changed after an offset, gathered so that the page is drawn ten times a second at most. */
export function useNews(offset: number | undefined): News {
  const client = useQueryClient();
  const [news, setNews] = useState(NO_NEWS);
  const isFull = news.size > MOST_NEWS;
  useEffect(() => {
    if (isFull) void client.resetQueries({ queryKey: keys.lists });
  }, [client, isFull]);
  useEffect(() => {
    setNews(NO_NEWS);
    if (offset === undefined) return undefined;
    let waiting: Changes[] = [];
    const take = gather(() => {
      const taken = waiting;
      waiting = [];
      setNews((known) => added(known, taken));
    });
    return followChanges(offset, {
      changes: (changes) => (waiting.push(changes), take()),
      reset: () => void client.resetQueries({ queryKey: keys.lists }),
    });
  }, [client, offset]);
  return news;
}
