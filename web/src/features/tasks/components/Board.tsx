// Tasks as cards in the columns of their statuses. A card is dragged, moved by Shift and an arrow, or sent by its menu.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { EllipsisVertical } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats, usePreferences } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { Menu } from '../../../ui/Menu';
import { COLOURS, Shape } from '../../../ui/Status';
import { LARGE_PAGE, type Filter, type Status, type Task } from '../api';
import { useTaskDeeds } from '../deeds';
import { useAllTasks, type Names } from '../hooks';
import { columns, isSpot, STATUS_NAMES, STATUSES, stepped, type Spot } from '../model';
import { DueMark, Labels, People, PriorityMark } from './Names';
import { TaskLink } from './TaskLink';
import { Counts } from './TaskTable';

/** How many cards of a column are drawn at first, and more each time. */
const DRAWN = 60;

type Step = 'up' | 'down' | 'before' | 'after';

export function Board({ filter }: { filter: Filter }) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const { move } = useTaskDeeds();
  const { tasks, names, error, isPending, refetch } = useAllTasks(filter, 'rank', LARGE_PAGE);
  const all = useMemo(() => columns(tasks), [tasks]);
  const [dragged, setDragged] = useState<Task | null>(null);
  const [over, setOver] = useState<Spot | null>(null);
  const [said, setSaid] = useState('');
  const toFocus = useRef<string | null>(null);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!toFocus.current) return;
    place.current?.querySelector<HTMLElement>(`[data-card="${toFocus.current}"] a`)?.focus();
    toFocus.current = null;
  }, [all]);
  if (error && tasks.length === 0) return <ErrorView error={error} effect={t`The tasks cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the tasks…`} />;

  const put = (task: Task, spot: Spot | null) => {
    if (!spot || isSpot(task, spot, all[spot.status])) return;
    const [title, column] = [isolate(task.title), t(STATUSES[spot.status].word)];
    const after = spot.after && isolate(spot.after.title);
    setSaid(after ? t`“${title}” stands in “${column}” after “${after}”.` : t`“${title}” stands first in “${column}”.`);
    void move(task, spot, all[spot.status]);
  };
  const step = (task: Task, to: Step) => {
    toFocus.current = task.id;
    put(task, stepped(all, task, to));
  };
  const end = () => (setDragged(null), setOver(null));
  const drop = (spot: Spot) => {
    if (dragged) put(dragged, spot);
    end();
  };
  return (
    <>
      <div ref={place} className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {STATUS_NAMES.map((status) => (
          <Column
            key={status}
            status={status}
            tasks={all[status]}
            names={names}
            mayWrite={mayWrite}
            over={dragged && over?.status === status ? over : null}
            onDrag={setDragged}
            onEnd={end}
            onOver={(after) => dragged && (over?.status !== status || over.after?.id !== after?.id) && setOver({ status, after })}
            onDrop={(after) => drop({ status, after })}
            onStep={step}
            onSend={(task, to) => put(task, { status: to, after: all[to].at(-1) ?? null })}
          />
        ))}
      </div>
      <p role="status" className="sr-only">
        {said}
      </p>
      {mayWrite && (
        <p className="pt-2 text-sm text-ink-3 pointer-coarse:hidden">
          <Trans>
            Drag cards, or move the one that has the focus with <kbd>Shift</kbd> and an arrow.
          </Trans>
        </p>
      )}
    </>
  );
}

interface ColumnProps {
  status: Status;
  tasks: readonly Task[];
  names: Names;
  mayWrite: boolean;
  over: Spot | null;
  onDrag: (task: Task) => void;
  onEnd: () => void;
  onOver: (after: Task | null) => void;
  onDrop: (after: Task | null) => void;
  onStep: (task: Task, to: Step) => void;
  onSend: (task: Task, to: Status) => void;
}

function Column({ status, tasks, names, mayWrite, over, onDrag, onEnd, onOver, onDrop, onStep, onSend }: ColumnProps) {
  const { t } = useLingui();
  const formats = useFormats();
  const isRtl = usePreferences().preferences.lang === 'fa';
  const [drawn, setDrawn] = useState(DRAWN);
  const { tone, word } = STATUSES[status];
  const more = tasks.length - drawn;
  const at = (event: DragEvent<HTMLElement>) => {
    event.preventDefault();
    return tasks[above(event.currentTarget, event.clientY) - 1] ?? null;
  };
  const press = (event: KeyboardEvent<HTMLElement>, task: Task) => {
    const to = event.shiftKey && mayWrite ? stepOf(event.code, isRtl) : undefined;
    if (!to) return;
    event.preventDefault();
    onStep(task, to);
  };
  return (
    <section aria-label={t(word)} data-column={status} className="jadval min-h-24" onDragOver={(event) => mayWrite && onOver(at(event))} onDrop={(event) => onDrop(at(event))}>
      <h2 className="flex items-center gap-2 px-3 py-2 font-bold">
        <span className={COLOURS[tone]}>
          <Shape tone={tone} />
        </span>
        {t(word)}
        <span className="ms-auto font-normal text-ink-3 tabular">{formats.number(tasks.length)}</span>
      </h2>
      <ul>
        {over && !over.after && <Line />}
        {tasks.slice(0, drawn).map((task) => (
          <li
            key={task.id}
            data-card={task.id}
            draggable={mayWrite}
            onDragStart={(event) => (event.dataTransfer.setData('text/plain', task.title), (event.dataTransfer.effectAllowed = 'move'), onDrag(task))}
            onDragEnd={onEnd}
            onKeyDown={(event) => press(event, task)}
          >
            <Card task={task} names={names} {...(mayWrite && { onSend: (to: Status) => onSend(task, to) })} />
            {over?.after?.id === task.id && <Line />}
          </li>
        ))}
      </ul>
      {tasks.length === 0 && (
        <p className="border-t border-line px-3 py-2 text-sm text-ink-3">
          <Trans>nothing</Trans>
        </p>
      )}
      {more > 0 && (
        <div className="border-t border-line p-2">
          <Button size="small" weight="bare" onPress={() => setDrawn(drawn + DRAWN)}>
            <Plural value={more} one="and # more" other="and # more" />
          </Button>
        </div>
      )}
    </section>
  );
}

/** Where the card will be. */
function Line() {
  return <div aria-hidden className="h-1 rounded-full bg-lajvard" />;
}

/** How many cards of a column are above a height, by their middles. */
function above(column: HTMLElement, y: number): number {
  const cards = [...column.querySelectorAll('[data-card]')].map((card) => card.getBoundingClientRect());
  return cards.filter(({ top, height }) => top + height / 2 < y).length;
}

function stepOf(code: string, isRtl: boolean): Step | undefined {
  const steps: Record<string, Step> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: isRtl ? 'after' : 'before', ArrowRight: isRtl ? 'before' : 'after' };
  return steps[code];
}

function Card({ task, names, onSend }: { task: Task; names: Names; onSend?: (to: Status) => void }) {
  const { t } = useLingui();
  const title = isolate(task.title);
  const ways = STATUS_NAMES.filter((status) => status !== task.status).map((status) => {
    const column = t(STATUSES[status].word);
    return { id: status, text: t`To “${column}”`, run: () => onSend?.(status) };
  });
  return (
    <div className={cx('relative grid gap-1 border-t border-line px-3 py-2 hover:bg-sunken/50 focus-within:bg-lajvard-soft/60', onSend && 'cursor-grab')}>
      <div className="flex items-start justify-between gap-1">
        <TaskLink task={task} className="min-w-0 font-semibold wrap-anywhere hover:text-lajvard after:absolute after:inset-0" />
        {onSend && (
          <span className="relative z-1 -me-2 -mt-1.5 -mb-3">
            <Menu label={t`Move “${title}”`} icon={<EllipsisVertical size={16} aria-hidden />} actions={ways} />
          </span>
        )}
      </div>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-ink-2 empty:hidden">
        <PriorityMark priority={task.priority} />
        <DueMark task={task} />
        <Counts task={task} />
        <Labels labels={task.labels} />
      </span>
      {task.assignees.length > 0 && (
        <span className="text-sm text-ink-2">
          <People ids={task.assignees} names={names} />
        </span>
      )}
    </div>
  );
}
