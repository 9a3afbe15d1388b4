// Meetings as rows: who, how, where, how many, until when.

import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { cx } from '../../../ui/cx';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Meeting } from '../model';
import { StateMark } from './StateMark';

const GRID = 'md:grid-cols-[minmax(0,3fr)_9.5rem_4.5rem_4.5rem_9.5rem_9.5rem]';
const NARROW_GRID = 'md:grid-cols-[minmax(0,1fr)_7rem_3.2rem_3.6rem_4.2rem]';

interface Props {
  meetings: readonly Meeting[];
  /** How many there are, when these are not all. */
  total?: number | undefined;
  onEnd?: () => void;
  /** Beside something else: without the beginning. */
  narrow?: boolean;
}

export function MeetingTable({ meetings, total, onEnd, narrow }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const columns: Column<Meeting>[] = [
    { id: 'name', name: t`Meeting`, cell: (meeting) => <Name meeting={meeting} /> },
    { id: 'state', name: t`State`, cell: ({ state }) => <StateMark state={state} />, className: 'max-md:justify-self-end' },
    { id: 'port', name: t`Port`, cell: ({ port }) => (port ? <Mono>{port}</Mono> : '—'), className: 'max-md:order-last max-md:hidden' },
    { id: 'people', name: t`People`, cell: ({ clients }) => formats.number(clients), className: 'max-md:hidden tabular' },
    { id: 'begins', name: t`Begins`, cell: ({ date_time }) => <Time at={date_time} />, className: cx('text-ink-2 tabular', narrow && 'md:hidden') },
    { id: 'ends', name: t`Ends`, cell: ({ end_time }) => <Time at={end_time} />, className: 'text-ink-2 tabular max-md:justify-self-end' },
  ];
  return (
    <Table
      label={t`Meetings`}
      rows={meetings}
      rowKey={({ id }) => id}
      columns={columns}
      grid={narrow ? NARROW_GRID : GRID}
      {...(total !== undefined && { total })}
      {...(onEnd && { onEnd })}
    />
  );
}

function Name({ meeting: { id, name } }: { meeting: Meeting }) {
  return (
    <Link to="/meetings/$id" params={{ id }} dir="auto" className="inline-block max-w-full truncate align-bottom font-semibold hover:text-lajvard after:absolute after:inset-0">
      {name}
    </Link>
  );
}
