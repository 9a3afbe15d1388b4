// How statuses, priorities, people, labels and dates of tasks are shown.

import { Trans, useLingui } from '@lingui/react/macro';
import { CalendarDays, ChevronDown, ChevronsUp, ChevronUp, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { addDays } from '../../../lib/zone';
import { cx } from '../../../ui/cx';
import { Status as Mark } from '../../../ui/Status';
import { Directed } from '../../../ui/Text';
import type { Priority, Status, Task } from '../api';
import type { Names } from '../hooks';
import { isOverdue, isWholeDay, PRIORITIES, STATUSES } from '../model';

export function StatusMark({ status }: { status: Status }) {
  const { t } = useLingui();
  const { tone, word } = STATUSES[status];
  return <Mark tone={tone}>{t(word)}</Mark>;
}

const SIGNS: Record<Exclude<Priority, 'none'>, { icon: typeof Minus; colour: string }> = {
  urgent: { icon: ChevronsUp, colour: 'text-anar' },
  high: { icon: ChevronUp, colour: 'text-zaferan' },
  medium: { icon: Minus, colour: 'text-ink-2' },
  low: { icon: ChevronDown, colour: 'text-ink-2' },
};

/** Nothing for those that have none. */
export function PriorityMark({ priority }: { priority: Priority }) {
  const { t } = useLingui();
  if (priority === 'none') return null;
  const { icon: Icon, colour } = SIGNS[priority];
  return (
    <span className={cx('inline-flex items-center gap-1 text-sm font-semibold whitespace-nowrap', colour)}>
      <Icon size={16} aria-hidden />
      {t(PRIORITIES[priority])}
    </span>
  );
}

export function People({ ids, names }: { ids: readonly string[]; names: Names }): ReactNode {
  const formats = useFormats();
  if (ids.length === 0) return null;
  const called = ids.map((id) => names.get(id) ?? '…');
  const text = formats.list(called);
  return (
    <span className="block truncate" title={text}>
      {called.map((name, at) => (
        <span key={ids[at]}>
          {at > 0 && <Trans context="between names">, </Trans>}
          <bdi>{name}</bdi>
        </span>
      ))}
    </span>
  );
}

export function Labels({ labels }: { labels: readonly string[] }) {
  return labels.map((label) => (
    <bdi key={label} className="inline-block max-w-full truncate rounded-sm bg-sunken px-1.5 align-bottom text-xs leading-6 text-ink-2">
      {label}
    </bdi>
  ));
}

/** The day by its word where it has one. */
function useDayWords() {
  const { t } = useLingui();
  const formats = useFormats();
  return (day: string): string => {
    const today = formats.iso(Date.now());
    const words: Record<string, string> = { [addDays(today, -1)]: t`yesterday`, [today]: t`today`, [addDays(today, 1)]: t`tomorrow` };
    return words[day] ?? formats.numeric(formats.bounds(day).begins);
  };
}

/** A due date as words, for messages that are plain text too. */
export function useDueWords() {
  const formats = useFormats();
  const dayWords = useDayWords();
  return (due: string): string => (isWholeDay(due) ? dayWords(due) : `${dayWords(formats.iso(due))} ${formats.clock(due)}`);
}

export function DueMark({ task }: { task: Pick<Task, 'due' | 'status'> }) {
  const formats = useFormats();
  const words = useDueWords();
  if (!task.due) return null;
  const isLate = isOverdue(task, formats, Date.now());
  const at = isWholeDay(task.due) ? formats.bounds(task.due).begins : task.due;
  return (
    <time dateTime={task.due} title={`${formats.day(at)}\n${formats.otherwise(at)}`} className={cx('inline-flex items-center gap-1 whitespace-nowrap tabular', isLate ? 'font-semibold text-anar' : 'text-ink-2')}>
      <CalendarDays size={14} aria-hidden className="flex-none" />
      {isLate && (
        <span className="sr-only">
          <Trans>Overdue:</Trans>{' '}
        </span>
      )}
      <Directed>{words(task.due)}</Directed>
    </time>
  );
}
