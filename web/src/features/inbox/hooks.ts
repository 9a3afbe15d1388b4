// The lines of the inbox, and what is done with them, with the way back.

import { useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { isolate } from '../../lib/bidi';
import { useGoing } from '../../lib/going';
import { useFormats } from '../../lib/reader';
import { useFailure } from '../../ui/failure';
import { soon, tell } from '../../ui/Toast';
import { keys, listInbox, PAGE, remove, see, snooze, type Line, type LinePage } from './api';
import { shown } from './model';
import type { InboxSearch } from './search';

const NO_LINES: readonly Line[] = [];

export function useInbox({ show, kind }: InboxSearch, isWanted: boolean) {
  const unread = show === 'unread';
  const query = useInfiniteQuery({ ...listInbox(unread), enabled: isWanted });
  const { hasNextPage, isFetchingNextPage, fetchNextPage, error } = query;
  const { going } = useGoing<number>('inbox');
  const all = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? NO_LINES, [query.data]);
  const lines = useMemo(() => shown(all, { unread, kind, going }), [all, unread, kind, going]);
  const more = useCallback(() => void (hasNextPage && !isFetchingNextPage && fetchNextPage()), [hasNextPage, isFetchingNextPage, fetchNextPage]);
  // The server knows no kinds, so what is left of a page may be little.
  const isThin = Boolean(kind) && lines.length < PAGE / 2;
  useEffect(() => void (isThin && !error && more()), [isThin, error, more, lines]);
  return { ...query, lines, more, isReading: isThin && hasNextPage };
}

export function useInboxDeeds() {
  const { t } = useLingui();
  const client = useQueryClient();
  const formats = useFormats();
  const failure = useFailure();
  const { hide, showAgain } = useGoing<number>('inbox');
  const renew = () => client.invalidateQueries({ queryKey: keys.all });

  const markSeen = (lines: readonly Line[]) => {
    const ids = lines.filter(({ seen_at }) => !seen_at).map(({ id }) => id);
    if (ids.length === 0) return;
    showSeen(client, (line) => ids.includes(line.id), ids.length);
    void see(ids).then(renew, (error: unknown) => (void renew(), failure(t`It is still unread.`)(error)));
  };

  /** All that came until the newest one that is shown. */
  const markAllSeen = ([newest]: readonly Line[]) => {
    if (!newest) return;
    showSeen(client, () => true, Infinity);
    const done = () => (tell(t`All is marked as seen.`), renew());
    void see([], newest.at).then(done, (error: unknown) => (void renew(), failure(t`It is still unread.`)(error)));
  };

  /** The server has no way back from either, so both wait a moment. */
  const leave = (line: Line, text: string, run: () => Promise<unknown>, failed: string) => {
    hide(line.id);
    const back = () => showAgain(line.id);
    soon(text, () => void run().then(renew, failure(failed)).finally(back), back);
  };

  const putToSleep = (line: Line, until: string) => {
    const [name, when] = [isolate(line.subject_name), formats.moment(until)];
    leave(line, t`“${name}” sleeps. It comes back on ${when}.`, () => snooze(line.id, until), t`“${name}” is still in the inbox.`);
  };

  const discard = (line: Line) => {
    const name = isolate(line.subject_name);
    leave(line, t`What was said of “${name}” is deleted in a moment.`, () => remove(line.id), t`“${name}” is still in the inbox.`);
  };

  return { markSeen, markAllSeen, putToSleep, discard };
}

/** Shows some lines as seen until the server says so. */
function showSeen(client: QueryClient, isMeant: (line: Line) => boolean, count: number): void {
  const seen_at = new Date().toISOString();
  const changed = (line: Line): Line => (!line.seen_at && isMeant(line) ? { ...line, seen_at } : line);
  client.setQueriesData<InfiniteData<LinePage>>({ queryKey: keys.lists }, (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(changed) })) });
  client.setQueryData<number>(keys.count, (unread) => unread && Math.max(0, unread - count));
}
