// What is done with sources, runs and rows in quarantine, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQueryClient, type UseInfiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { isolate } from '../../lib/bidi';
import { NAMES } from '../../lib/sources';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { keys, type Mode, type Page, type Run, type Source } from './api';
import { acceptRun, cancelRun, changeSource, discard, removeSource, replay, retryRun, syncSource } from './orders';

/** The rows of a list of pages as one array. */
export function usePages<T>(options: UseInfiniteQueryOptions<Page<T>, Error, InfiniteData<Page<T>>, readonly unknown[], string>) {
  const query = useInfiniteQuery(options);
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const more = () => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage();
  return { ...query, rows, more };
}

/** Reads everything about sync anew. */
export function useRenew() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.all });
}

/** What people call a source, for messages. */
export function useNameOf(): (name: string) => string {
  const { t } = useLingui();
  return (name) => {
    const word = NAMES[name];
    return isolate(word ? t(word) : name);
  };
}

export function useSourceActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();
  const nameOf = useNameOf();

  const sync = async (source: Source, mode: Mode) => {
    const name = nameOf(source.name);
    const begun = () => {
      tell(t`The sync of ${name} begins.`);
      return renew();
    };
    await syncSource(source.name, mode).then(begun, failure(t`${name} was not synced.`));
  };

  const turn = async (source: Source, enabled: boolean) => {
    const name = nameOf(source.name);
    const turned = () => {
      tell(enabled ? t`${name} is synced by itself again.` : t`${name} is not synced by itself any more.`, () => void turn(source, !enabled));
      return renew();
    };
    await changeSource(source.name, { enabled }).then(turned, failure(t`${name} stays as it was.`));
  };

  return { sync, turn };
}

export function useRemove(source: Source) {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate();
  const failure = useFailure();
  const name = useNameOf()(source.name);
  const removed = () => {
    tell(source.name in NAMES ? t`${name} is as it was at first.` : t`The source ${name} is removed.`);
    void navigate({ to: '/sync' });
    client.removeQueries({ queryKey: keys.one(source.name) });
    return client.invalidateQueries({ queryKey: keys.all });
  };
  return () => void removeSource(source.name).then(removed, failure(t`The source ${name} is still there.`));
}

export function useRunActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();
  const nameOf = useNameOf();

  const cancel = async (run: Run) => {
    const name = nameOf(run.source);
    const asked = () => {
      tell(t`The sync of ${name} ends in a moment; what came stays.`);
      return renew();
    };
    await cancelRun(run.id).then(asked, failure(t`The sync of ${name} goes on.`));
  };

  const retry = async (run: Run): Promise<Run | null> => {
    const name = nameOf(run.source);
    const failed = failure(t`${name} was not tried again.`);
    return retryRun(run.id).then(
      async (fresh) => {
        tell(t`What did not come of ${name} is asked for again.`);
        await renew();
        return fresh;
      },
      (error: unknown) => (failed(error), null),
    );
  };

  const accept = async (run: Run) => {
    const before = run.vanished;
    const accepted = (now: Run) => {
      tell(plural(now.vanished - before, { one: '# row is marked as gone.', other: '# rows are marked as gone.' }));
      return renew();
    };
    await acceptRun(run.id).then(accepted, failure(t`Nothing was marked as gone.`));
  };

  return { cancel, retry, accept };
}

export function useQuarantineActions(source: string) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();

  const again = async (asked: number, ids?: number[]) => {
    const done = ({ rows }: { rows: number }) => {
      const left = asked - rows;
      tell(
        left > 0
          ? plural(left, { one: '# row still cannot be taken.', other: '# rows still cannot be taken.' })
          : plural(rows, { one: '# row is in the table now.', other: '# rows are in the table now.' }),
      );
      return renew();
    };
    await replay(source, ids).then(done, failure(t`No row was tried again.`));
  };

  const letGo = async (ids?: number[]) => {
    const done = ({ rows }: { rows: number }) => {
      tell(plural(rows, { one: '# row is let go.', other: '# rows are let go.' }));
      return renew();
    };
    await discard(source, ids).then(done, failure(t`The rows stay in quarantine.`));
  };

  return { again, letGo };
}
