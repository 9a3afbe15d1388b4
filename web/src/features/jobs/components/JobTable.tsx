// Jobs as rows: which, what for, how it goes, when.

import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { Progress } from '../../../ui/Progress';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Job } from '../api';
import { isEnded } from '../model';
import { KindName, StateMark } from './Names';

const GRID = 'md:grid-cols-[4.5rem_minmax(0,1fr)_8.5rem_3rem_minmax(0,1.3fr)_8.5rem_8.5rem]';

interface Props {
  jobs: readonly Job[];
  total: number | undefined;
  onEnd: () => void;
}

export function JobTable({ jobs, total, onEnd }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const columns: Column<Job>[] = [
    { id: 'id', name: t`Number`, cell: ({ id }) => <Mono className="text-ink-2">{id}</Mono>, className: 'max-md:order-1' },
    { id: 'kind', name: t`Kind`, cell: (job) => <Name job={job} /> },
    { id: 'state', name: t`State`, cell: (job) => <StateMark job={job} />, className: 'max-md:justify-self-end' },
    { id: 'tries', name: t`Tries`, cell: ({ attempts }) => formats.number(attempts), className: 'tabular max-md:hidden' },
    { id: 'how', name: t`How it goes`, cell: (job) => <How job={job} />, className: 'max-md:order-2 max-md:col-span-2' },
    { id: 'made', name: t`Made`, cell: ({ created_at }) => <Time at={created_at} />, className: 'text-ink-2 tabular max-md:order-1 max-md:justify-self-end' },
    { id: 'ended', name: t`Ended`, cell: ({ ended_at }) => (ended_at ? <Time at={ended_at} /> : '—'), className: 'text-ink-2 tabular max-md:hidden' },
  ];
  return <Table label={t`Jobs`} rows={jobs} rowKey={({ id }) => id} columns={columns} grid={GRID} onEnd={onEnd} {...(total !== undefined && { total })} />;
}

function Name({ job: { id, kind, queue } }: { job: Job }) {
  return (
    <>
      <Link to="/jobs/$id" params={{ id: String(id) }} className="block max-w-full truncate font-semibold hover:text-lajvard after:absolute after:inset-0">
        <KindName kind={kind} />
      </Link>
      <span className="block truncate text-ink-3">
        <Mono>{queue}</Mono>
      </span>
    </>
  );
}

/** Its progress while it runs, or its last error. */
function How({ job }: { job: Job }) {
  if (job.progress && !isEnded(job)) return <Progress {...job} brief />;
  if (!job.last_error || job.state === 'succeeded') return null;
  return (
    <bdi lang="en" className="block truncate text-sm text-ink-2" title={job.last_error}>
      {job.last_error}
    </bdi>
  );
}
