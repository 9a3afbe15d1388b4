// All tasks that the filters find, and what is done with those that are chosen.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMayWrite } from '../../../lib/user';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import type { Filter, Sort, Task } from '../api';
import { useTasks } from '../hooks';
import { useSelection } from '../selection';
import type { Wanted } from './Ask';
import { BulkBar } from './BulkBar';
import { TaskTable } from './TaskTable';

interface Props {
  filter: Filter;
  sort: Sort;
  onAsk: (wanted: Wanted, tasks: readonly Task[]) => void;
  onClear: () => void;
}

export function List({ filter, sort, onAsk, onClear }: Props) {
  const { t } = useLingui();
  const { tasks, names, more, error, isPending, isFetchingNextPage, refetch } = useTasks(filter, sort);
  const selection = useSelection(tasks);
  if (error && tasks.length === 0) return <ErrorView error={error} effect={t`The tasks cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the tasks…`} />;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <section className="jadval">
        {tasks.length > 0 && <TaskTable tasks={tasks} names={names} selection={selection} onAsk={onAsk} onEnd={more} />}
        {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
        {tasks.length === 0 && (isFiltered ? <NothingFound title={t`No task is like that`} onClear={onClear} /> : <NoTasks />)}
      </section>
      {selection.tasks.length > 0 && <BulkBar selection={selection} tasks={tasks} onAsk={onAsk} />}
    </>
  );
}

export function NoTasks() {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  return (
    <Empty title={t`No task yet`}>
      {mayWrite ? (
        <Trans>Write the first one into the line above, such as: “Send the report tomorrow 10 @Sara #budget !urgent”.</Trans>
      ) : (
        <Trans>Whoever writes here adds them.</Trans>
      )}
    </Empty>
  );
}
