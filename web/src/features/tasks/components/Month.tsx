// Tasks on the days when they are due, a month of the reader's calendar at a time. One is dragged to another day, or moved by Shift and an arrow.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useFormats, usePreferences } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { addDays, dayAfter } from '../../../lib/zone';
import { Button, IconButton } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { LARGE_PAGE, type Filter, type Task } from '../api';
import { useTaskDeeds } from '../deeds';
import { useAllTasks } from '../hooks';
import { dueDay, grouped, isOverdue, isWholeDay, onDay } from '../model';
import { firstOf, inCalendar, weeksOf } from '../month';
import { TaskLink } from './TaskLink';

interface Props {
  filter: Filter;
  /** A day of the month. */
  day: string;
  onChange: (day: string | undefined) => void;
}

export function Month({ filter, day, onChange }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const { calendar } = usePreferences().preferences;
  const weeks = useMemo(() => weeksOf(day, calendar), [day, calendar]);
  const [from, to] = [weeks[0]?.[0] ?? day, dayAfter(weeks.at(-1)?.[6] ?? day)];
  const { tasks, error, isPending, refetch } = useAllTasks({ ...filter, due_after: from, due_before: to }, 'due', LARGE_PAGE);
  const byDay = useMemo(() => grouped(tasks, ({ due }) => dueDay(due, formats) ?? ''), [tasks, formats]);
  const month = formats.month(formats.bounds(firstOf(day, calendar)).begins);
  return (
    <section aria-label={month} className="jadval">
      <header className="flex flex-wrap items-center gap-2 px-3 pb-2">
        <IconButton aria-label={t`Previous month`} onPress={() => onChange(firstOf(day, calendar, -1))}>
          <ChevronLeft size={18} aria-hidden className="mirror" />
        </IconButton>
        <h2 aria-live="polite" className="text-lg font-bold">
          {month}
        </h2>
        <IconButton aria-label={t`Next month`} onPress={() => onChange(firstOf(day, calendar, 1))}>
          <ChevronRight size={18} aria-hidden className="mirror" />
        </IconButton>
        <Button size="small" className="ms-auto" onPress={() => onChange(undefined)}>
          <Trans>This month</Trans>
        </Button>
      </header>
      {error && tasks.length === 0 && <ErrorView error={error} effect={t`The tasks cannot be shown.`} onRetry={() => void refetch()} />}
      {isPending ? <Waiting label={t`Reading the tasks…`} /> : <Days weeks={weeks} month={inCalendar(day, calendar).month} byDay={byDay} tasks={tasks} />}
    </section>
  );
}

interface DaysProps {
  weeks: readonly (readonly string[])[];
  month: number;
  byDay: ReadonlyMap<string, Task[]>;
  tasks: readonly Task[];
}

function Days({ weeks, month, byDay, tasks }: DaysProps) {
  const formats = useFormats();
  const { calendar, lang } = usePreferences().preferences;
  const mayWrite = useMayWrite();
  const { order } = useTaskDeeds();
  const [dragged, setDragged] = useState<Task | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const toFocus = useRef<string | null>(null);
  useEffect(() => {
    if (!toFocus.current) return;
    place.current?.querySelector<HTMLElement>(`[data-task="${toFocus.current}"] a`)?.focus();
    toFocus.current = null;
  }, [tasks]);
  const put = (task: Task, day: string) => {
    if (dueDay(task.due, formats) !== day) void order({ due: onDay(task.due, day, formats) }, [task]);
  };
  const press = (event: KeyboardEvent, task: Task) => {
    const days = event.shiftKey && mayWrite ? daysOf(event.code, lang === 'fa') : 0;
    const day = dueDay(task.due, formats);
    if (!days || !day) return;
    event.preventDefault();
    toFocus.current = task.id;
    put(task, addDays(day, days));
  };
  const end = () => (setDragged(null), setOver(null));
  const weekday = new Intl.DateTimeFormat(formats.locale, { weekday: 'long', timeZone: 'UTC' });
  const today = formats.iso(Date.now());
  return (
    <div ref={place} className="grid grid-cols-[minmax(0,1fr)] border-t border-line md:grid-cols-7">
      {weeks[0]?.map((day) => (
        <div key={day} aria-hidden className="px-2 py-1 text-sm font-semibold text-ink-3 max-md:hidden">
          {weekday.format(new Date(day))}
        </div>
      ))}
      {weeks.flat().map((day) => {
        const own = inCalendar(day, calendar);
        const tasks = byDay.get(day) ?? [];
        return (
          <div
            key={day}
            data-day={day}
            onDragOver={(event) => mayWrite && dragged && (event.preventDefault(), setOver(day))}
            onDrop={(event) => (event.preventDefault(), dragged && put(dragged, day), end())}
            className={cx(
              'min-w-0 border-t border-line p-1 md:min-h-24 md:border-e',
              own.month !== month && 'bg-sunken/40',
              (tasks.length === 0 || own.month !== month) && 'max-md:hidden',
              over === day && 'outline-2 -outline-offset-2 outline-lajvard',
            )}
          >
            <time dateTime={day} className={cx('inline-flex min-h-6 items-center gap-1 rounded-full px-2 text-sm tabular', day === today ? 'bg-lajvard text-on-lajvard' : own.month === month ? 'text-ink-2' : 'text-ink-3')}>
              {formats.number(own.day)}
              <span className="md:sr-only">{weekday.format(new Date(day))}</span>
            </time>
            <DayTasks tasks={tasks} mayWrite={mayWrite} onDrag={setDragged} onEnd={end} onPress={press} />
          </div>
        );
      })}
    </div>
  );
}

/** How many are drawn before the rest is opened. */
const DRAWN = 4;

interface DayProps {
  tasks: readonly Task[];
  mayWrite: boolean;
  onDrag: (task: Task) => void;
  onEnd: () => void;
  onPress: (event: KeyboardEvent, task: Task) => void;
}

function DayTasks({ tasks, mayWrite, onDrag, onEnd, onPress }: DayProps) {
  const formats = useFormats();
  const [isOpen, setOpen] = useState(false);
  const more = isOpen ? 0 : tasks.length - DRAWN;
  return (
    <>
      <ul className="grid gap-0.5">
        {tasks.slice(0, more > 0 ? DRAWN : undefined).map((task) => (
          <li
            key={task.id}
            data-task={task.id}
            draggable={mayWrite}
            onDragStart={(event) => (event.dataTransfer.setData('text/plain', task.title), onDrag(task))}
            onDragEnd={onEnd}
            onKeyDown={(event) => onPress(event, task)}
            className="min-w-0"
          >
            <TaskLink
              task={task}
              className={cx('flex gap-1 rounded-sm border-s-3 bg-sunken px-1.5 py-0.5 text-sm hover:text-lajvard max-md:py-2', isOverdue(task, formats, Date.now()) ? 'border-anar' : task.status === 'done' ? 'border-line-strong text-ink-2 line-through' : 'border-firuze')}
            >
              {task.due && !isWholeDay(task.due) && <span className="flex-none text-ink-2 tabular">{formats.clock(task.due)}</span>}
              <span dir="auto" className="min-w-0 flex-1 truncate">
                {task.title}
              </span>
            </TaskLink>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button size="small" weight="bare" onPress={() => setOpen(true)}>
          <Plural value={more} one="# more" other="# more" />
        </Button>
      )}
    </>
  );
}

function daysOf(code: string, isRtl: boolean): number {
  const steps: Record<string, number> = { ArrowUp: -7, ArrowDown: 7, ArrowLeft: isRtl ? 1 : -1, ArrowRight: isRtl ? -1 : 1 };
  return steps[code] ?? 0;
}
