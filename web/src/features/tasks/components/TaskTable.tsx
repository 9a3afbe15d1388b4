// Tasks as rows. Letters on a row do what its buttons would.

import { Trans, useLingui } from '@lingui/react/macro';
import { MessageSquare, SquareCheck } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { cx } from '../../../ui/cx';
import { Table, type Column } from '../../../ui/Table';
import { Tick } from '../../../ui/Tick';
import type { Task } from '../api';
import { type Names } from '../hooks';
import type { Selection } from '../selection';
import type { Wanted } from './Ask';
import { DueMark, Labels, People, PriorityMark, StatusMark } from './Names';
import { TaskLink } from './TaskLink';

const GRID = 'md:grid-cols-[minmax(0,1fr)_8rem_7rem_minmax(0,9rem)_9rem] max-md:grid-cols-[minmax(0,1fr)_auto]';
const CHOOSING = 'md:grid-cols-[1.5rem_minmax(0,1fr)_8rem_7rem_minmax(0,9rem)_9rem] max-md:grid-cols-[auto_minmax(0,1fr)_auto]';

interface Props {
  tasks: readonly Task[];
  names: Names;
  selection: Selection;
  onAsk: (wanted: Wanted, tasks: readonly Task[]) => void;
  onEnd: () => void;
}

export function TaskTable({ tasks, names, selection, onAsk, onEnd }: Props) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const choose: Column<Task> = {
    id: 'choose',
    name: t`Choose`,
    isNameHidden: true,
    cell: (task) => {
      const title = isolate(task.title);
      return <Tick label={t`Choose “${title}”`} isOn={selection.has(task.id)} onChange={() => selection.toggle(task)} />;
    },
    className: 'relative z-1',
  };
  const columns: Column<Task>[] = [
    ...(mayWrite ? [choose] : []),
    { id: 'title', name: t`Title`, cell: (task) => <Title task={task} />, className: 'max-md:col-span-2' },
    { id: 'status', name: t`Status`, cell: ({ status }) => <StatusMark status={status} />, ...(mayWrite && { className: 'max-md:col-start-2' }) },
    { id: 'priority', name: t`Priority`, cell: ({ priority }) => <PriorityMark priority={priority} />, className: 'max-md:hidden' },
    { id: 'assignees', name: t`Assignees`, cell: ({ assignees }) => <People ids={assignees} names={names} />, className: 'text-sm text-ink-2 max-md:hidden' },
    { id: 'due', name: t`Due`, cell: (task) => <DueMark task={task} />, className: 'text-sm' },
  ];
  const press = (event: KeyboardEvent<HTMLElement>) => mayWrite && obey(event, tasks, selection, onAsk);
  return (
    <div onKeyDown={press}>
      <Table label={t`Tasks`} rows={tasks} rowKey={({ id }) => id} columns={columns} grid={mayWrite ? CHOOSING : GRID} onEnd={onEnd} />
    </div>
  );
}

function Title({ task }: { task: Task }) {
  const { labels, number, priority, status } = task;
  const formats = useFormats();
  return (
    <span className="block min-w-0">
      <TaskLink task={task} className={cx('inline-block max-w-full truncate align-bottom font-semibold hover:text-lajvard after:absolute after:inset-0', status === 'done' && 'text-ink-2')} />
      <span className="flex flex-wrap items-center gap-x-2 text-sm text-ink-3">
        <span className="tabular">{formats.number(number)}</span>
        <span className="md:hidden">
          <PriorityMark priority={priority} />
        </span>
        <Labels labels={labels} />
        <Counts task={task} />
      </span>
    </span>
  );
}

/** How far the checklist is, and how much was said. */
export function Counts({ task: { checklist, comments } }: { task: Task }) {
  const formats = useFormats();
  const done = formats.number(checklist.filter(({ done }) => done).length);
  const all = formats.number(checklist.length);
  const said = formats.number(comments);
  return (
    <>
      {checklist.length > 0 && (
        <span className="inline-flex items-center gap-1 tabular">
          <SquareCheck size={14} aria-hidden />
          <Trans>
            {done} of {all}
          </Trans>
        </span>
      )}
      {comments > 0 && (
        <span className="inline-flex items-center gap-1 tabular">
          <MessageSquare size={14} aria-hidden />
          {said}
          <span className="sr-only">
            <Trans>comments</Trans>
          </span>
        </span>
      )}
    </>
  );
}

/** Letters stand for what is asked, wherever they stand on the keyboard. */
const KEYS: Record<string, Wanted> = { KeyS: 'status', KeyA: 'assignee', KeyD: 'due', KeyL: 'label', Delete: 'delete' };

function obey(event: KeyboardEvent<HTMLElement>, tasks: readonly Task[], selection: Selection, onAsk: Props['onAsk']): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  const task = row && tasks[Number(row.dataset.index)];
  if (!task) return;
  const wanted = KEYS[event.code];
  if (!wanted && event.code !== 'KeyX') return;
  event.preventDefault();
  if (wanted) onAsk(wanted, selection.has(task.id) ? selection.tasks : [task]);
  else selection.toggle(task);
}
