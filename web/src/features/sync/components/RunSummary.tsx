// How far a run is or how it ended, and what became of its rows.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { Progress } from '../../../ui/Progress';
import { Mono, Time } from '../../../ui/Text';
import { isOver, type Run } from '../api';
import { MODES } from '../model';
import { StatusMark } from './Names';

export function RunSummary({ run }: { run: Run }) {
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <StatusMark status={run.status} />
        <Circumstances run={run} />
      </div>
      {!isOver(run) && <Progress progress={{ ...run.progress, stage: run.stage }} rate={run.rate} seconds_left={run.seconds_left} />}
      <Counts run={run} />
    </div>
  );
}

function Circumstances({ run }: { run: Run }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { mode, started_at, created_at, duration_seconds, created_by, requests, repeats, retry_of, job_id } = run;
  return (
    <span className="flex flex-wrap gap-x-4 gap-y-0.5 text-ink-2">
      <span>
        <Time at={started_at ?? created_at} style="full" />
      </span>
      {duration_seconds != null && <span className="tabular">{formats.span(duration_seconds)}</span>}
      <span>{retry_of == null ? t(MODES[mode].word) : <RetryOf id={retry_of} name={run.source} />}</span>
      <span>{created_by === 'schedule' ? <Trans>by the schedule</Trans> : <bdi>{created_by}</bdi>}</span>
      {requests > 0 && (
        <span>
          {repeats > 0 ? (
            <Trans>
              {formats.number(requests)} requests, {formats.number(repeats)} of them again
            </Trans>
          ) : (
            <Trans>{formats.number(requests)} requests</Trans>
          )}
        </span>
      )}
      {job_id != null && (
        <Link to="/jobs/$id" params={{ id: String(job_id) }} className="text-lajvard underline">
          <Trans>Log</Trans>
        </Link>
      )}
    </span>
  );
}

function RetryOf({ id, name }: { id: number; name: string }) {
  return (
    <Link to="/sync/$name" params={{ name }} search={{ run: id }} className="text-lajvard underline">
      <Trans>
        What run <Mono>{id}</Mono> did not finish
      </Trans>
    </Link>
  );
}

export function Counts({ run }: { run: Pick<Run, 'new' | 'changed' | 'same' | 'failed' | 'vanished' | 'held'> }) {
  const { t } = useLingui();
  return (
    <dl className="grid grid-cols-3 gap-x-4 gap-y-2 sm:grid-cols-5">
      <Count name={t`New`} count={run.new} />
      <Count name={t`Changed`} count={run.changed} />
      <Count name={t`Same`} count={run.same} />
      <Count name={t`Not taken`} count={run.failed} tone={run.failed > 0 && 'text-anar'} />
      <Count name={t`Gone`} count={run.vanished} />
      {run.held > 0 && <Count name={t`Gone, held back`} count={run.held} tone="text-zaferan" />}
    </dl>
  );
}

function Count({ name, count, tone }: { name: ReactNode; count: number; tone?: string | false }) {
  const formats = useFormats();
  return (
    <div>
      <dt className="text-sm text-ink-3">{name}</dt>
      <dd className={`tabular text-lg font-bold ${tone || ''}`}>{formats.number(count)}</dd>
    </div>
  );
}
