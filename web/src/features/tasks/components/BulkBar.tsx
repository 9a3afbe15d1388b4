// What can be done with the tasks that are chosen. It stays in sight while one scrolls.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../../../ui/Button';
import { MOST_AT_ONCE, type Task } from '../api';
import type { Selection } from '../selection';
import type { Wanted } from './Ask';

interface Props {
  selection: Selection;
  /** All that are read. */
  tasks: readonly Task[];
  onAsk: (wanted: Wanted, tasks: readonly Task[]) => void;
}

const WANTED = ['status', 'assignee', 'due', 'label', 'delete'] as const satisfies readonly Wanted[];

export function BulkBar({ selection, tasks, onAsk }: Props) {
  const { t } = useLingui();
  const words: Record<Wanted, string> = { status: t`Status…`, assignee: t`Give to…`, due: t`Due…`, label: t`Label…`, delete: t`Delete` };
  const chosen = selection.tasks;
  return (
    <section aria-label={t`Chosen tasks`} className="sticky bottom-(--dock) z-10 flex flex-wrap items-center gap-2 border-t border-line-strong bg-surface px-4 py-2">
      <b className="me-2">
        <Plural value={chosen.length} one="# chosen" other="# chosen" />
      </b>
      {WANTED.map((wanted) => (
        <Button key={wanted} size="small" weight={wanted === 'delete' ? 'danger' : 'plain'} onPress={() => onAsk(wanted, chosen)}>
          {words[wanted]}
        </Button>
      ))}
      <span className="ms-auto flex flex-wrap gap-2">
        {tasks.length > chosen.length && chosen.length < MOST_AT_ONCE && (
          <Button size="small" weight="bare" onPress={() => selection.set(tasks.slice(0, MOST_AT_ONCE))}>
            <Trans>Choose all that are shown</Trans>
          </Button>
        )}
        <Button size="small" weight="bare" onPress={selection.clear}>
          <Trans>Choose none</Trans>
        </Button>
      </span>
    </section>
  );
}
