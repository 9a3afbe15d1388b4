// What is given to oneself, by when it is due.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMemo } from 'react';
import { useFormats, usePreferences } from '../../../lib/reader';
import { Empty, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { Panel } from '../../../ui/Panel';
import { LARGE_PAGE, type Filter, type Task } from '../api';
import { useAllTasks, type Names } from '../hooks';
import { endOfWeek, GROUP_NAMES, grouped, groupOf, GROUPS, OPEN, type Group } from '../model';
import { useSelection } from '../selection';
import type { Wanted } from './Ask';
import { BulkBar } from './BulkBar';
import { TaskTable } from './TaskTable';

interface Props {
  filter: Filter;
  onAsk: (wanted: Wanted, tasks: readonly Task[]) => void;
}

export function Mine({ filter, onAsk }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const isPersian = usePreferences().preferences.calendar === 'persian';
  const { tasks, names, error, isPending, refetch } = useAllTasks({ ...filter, assignee: 'me', status: OPEN }, 'due', LARGE_PAGE);
  const groups = useMemo(() => {
    const now = Date.now();
    const lastDay = endOfWeek(formats.iso(now), isPersian);
    return grouped(tasks, (task) => groupOf(task, formats, now, lastDay));
  }, [tasks, formats, isPersian]);
  const selection = useSelection(tasks);
  if (error && tasks.length === 0) return <ErrorView error={error} effect={t`The tasks cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the tasks…`} />;
  if (tasks.length === 0) {
    return (
      <section className="jadval">
        <Empty title={t`Nothing waits for you`}>
          <Trans>What others give you, or you give yourself, stands here by when it is due.</Trans>
        </Empty>
      </section>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {GROUP_NAMES.map((group) => (
        <Part key={group} group={group} tasks={groups.get(group) ?? []} names={names} selection={selection} onAsk={onAsk} />
      ))}
      {selection.tasks.length > 0 && <BulkBar selection={selection} tasks={tasks} onAsk={onAsk} />}
    </div>
  );
}

interface PartProps extends Pick<Props, 'onAsk'> {
  group: Group;
  tasks: readonly Task[];
  names: Names;
  selection: ReturnType<typeof useSelection>;
}

function Part({ group, tasks, ...rest }: PartProps) {
  const { t } = useLingui();
  const formats = useFormats();
  if (tasks.length === 0) return null;
  const title = (
    <>
      {t(GROUPS[group])} <span className="font-normal text-ink-3 tabular">{formats.number(tasks.length)}</span>
    </>
  );
  return (
    <Panel title={title} flush>
      <TaskTable tasks={tasks} onEnd={() => undefined} {...rest} />
    </Panel>
  );
}
