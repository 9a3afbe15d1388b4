// The attempts at a job that did not end well.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import { Status } from '../../../ui/Status';
import { Mono, Time } from '../../../ui/Text';
import type { Attempt, JobDetail } from '../api';
import { OUTCOMES } from '../model';

export function Attempts({ job: { attempts, failed_attempts } }: { job: JobDetail }) {
  return (
    <>
      <p className="pb-1 text-ink-2">
        {attempts === 0 ? <Trans>No worker has begun it yet.</Trans> : <Plural value={attempts} one="A worker began it once." other="Workers began it # times." />}
      </p>
      <ol>
        {failed_attempts.map((attempt) => (
          <Row key={attempt.attempt} attempt={attempt} />
        ))}
      </ol>
    </>
  );
}

function Row({ attempt: { attempt, outcome, error, worker, started_at, ended_at } }: { attempt: Attempt }) {
  const formats = useFormats();
  return (
    <li className="grid gap-1 border-t border-dashed border-line py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-semibold">
          <Trans>Attempt {formats.number(attempt)}</Trans>
        </span>
        <Outcome outcome={outcome} />
        <span className="tabular text-ink-2">
          {started_at ? (
            <Trans>
              <Time at={started_at} style="seconds" /> to <Time at={ended_at} />
            </Trans>
          ) : (
            <Time at={ended_at} />
          )}
        </span>
        {worker && <Mono className="text-ink-3 wrap-anywhere">{worker}</Mono>}
      </div>
      {error && (
        <bdi lang="en" className="text-sm whitespace-pre-wrap wrap-anywhere">
          {error}
        </bdi>
      )}
    </li>
  );
}

function Outcome({ outcome }: { outcome: string }) {
  const { t } = useLingui();
  const known = OUTCOMES[outcome];
  return known ? <Status tone={known.tone}>{t(known.word)}</Status> : <Mono>{outcome}</Mono>;
}
