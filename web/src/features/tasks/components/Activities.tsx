// What happened to a task: who changed what, from what to what, the newest first.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { Time } from '../../../ui/Text';
import { listActivity, type Activity, type Detail } from '../api';
import { FIELDS, isField, nameOf } from '../model';
import { useValueWords } from './ConflictNote';
import { Part } from './TaskView';

export function Activities({ task }: { task: Detail }) {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(listActivity(nameOf(task)));
  const people = [...task.people, ...(data?.pages.flatMap(({ people }) => people) ?? [])];
  const all = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Part title={<Trans>What happened</Trans>}>
      <ol>
        {all.map((activity) => (
          <li key={activity.id} className="border-t border-dashed border-line py-1.5 text-sm first:border-t-0">
            <span className="text-ink-2">
              <bdi className="font-semibold text-ink">{activity.by.name}</bdi> · <Time at={activity.at} />
            </span>
            <span className="block wrap-anywhere">
              <Deed activity={activity} people={people} />
            </span>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button size="small" weight="bare" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          <Trans>Show earlier</Trans>
        </Button>
      )}
    </Part>
  );
}

/** Fields whose old and new value fit a line. */
const SHORT: ReadonlySet<string> = new Set(['title', 'status', 'priority', 'due', 'assignees', 'labels']);

function Deed({ activity: { what, from, to }, people }: { activity: Activity; people: Detail['people'] }): ReactNode {
  const { t } = useLingui();
  const words = useValueWords({ people });
  const deeds: Record<string, string> = { created: t`made it`, deleted: t`deleted it`, restored: t`restored it`, commented: t`said something` };
  const known = deeds[what];
  if (known) return known;
  if (!isField(what)) return <bdi>{what}</bdi>;
  const field = t(FIELDS[what]);
  if (!SHORT.has(what)) return t`${field}: changed`;
  const shown = (value: unknown) => isolate(words(what, value).replaceAll('\n', '، ') || '—');
  const [before, after] = [shown(from), shown(to)];
  return t`${field}: from ${before} to ${after}`;
}
