// The queues: what each holds, how it is worked off, and who stopped it.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { isolateLtr } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Status } from '../../../ui/Status';
import { Code, Time } from '../../../ui/Text';
import type { JobState, Queue } from '../api';
import { useQueueActions } from '../hooks';

const QueueLimits = lazy(async () => ({ default: (await import('./QueueLimits')).QueueLimits }));
const PauseBox = lazy(async () => ({ default: (await import('./PauseBox')).PauseBox }));

export function Queues({ queues }: { queues: readonly Queue[] }) {
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-3 px-4 pb-4 lg:grid-cols-2">
      {queues.map((queue) => (
        <li key={queue.name} className="grid content-start gap-2 rounded-md border border-line p-3">
          <Head queue={queue} />
          <Figures queue={queue} />
          <p className="text-sm text-ink-2">
            <Pace queue={queue} />
          </p>
          <Tools queue={queue} />
        </li>
      ))}
    </ul>
  );
}

function Head({ queue }: { queue: Queue }) {
  return (
    <div className="grid gap-1">
      <h3 className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 font-semibold wrap-anywhere">
        <Code>{queue.name}</Code>
        {queue.paused_at && (
          <Status tone="warn">
            <Trans>Paused</Trans>
          </Status>
        )}
      </h3>
      {queue.paused_at && <PausedBy queue={queue} at={queue.paused_at} />}
    </div>
  );
}

function PausedBy({ queue: { paused_by, pause_reason }, at }: { queue: Queue; at: string }) {
  return (
    <p className="text-sm text-ink-2 wrap-anywhere">
      <Trans>
        By <bdi>{paused_by}</bdi> since <Time at={at} />
      </Trans>
      {pause_reason && (
        <>
          : <bdi>{pause_reason}</bdi>
        </>
      )}
    </p>
  );
}

function Figures({ queue }: { queue: Queue }) {
  const { t } = useLingui();
  const { name, waiting, later, running, failed, oldest, done_last_hour } = queue;
  return (
    <dl className="grid grid-cols-3 gap-x-3 gap-y-1.5">
      <Figure name={t`Waiting`}>
        <Count queue={name} state="queued" count={waiting} />
      </Figure>
      <Figure name={t`Running`}>
        <Count queue={name} state="running" count={running} />
      </Figure>
      <Figure name={t`Failed`}>
        <Count queue={name} state="failed" count={failed} />
      </Figure>
      <Figure name={t`For later`}>
        <Count queue={name} count={later} />
      </Figure>
      <Figure name={t`Done this hour`}>
        <Count queue={name} count={done_last_hour} />
      </Figure>
      <Figure name={t`Waiting since`}>{oldest ? <Time at={oldest} /> : '—'}</Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="tabular wrap-anywhere">{children}</dd>
    </div>
  );
}

/** A number that leads to what it counts, where there is something and the list can show it. */
function Count({ queue, state, count }: { queue: string; state?: JobState; count: number }) {
  const shown = useFormats().number(count);
  if (!state || count === 0) return shown;
  return (
    <Link to="/jobs" search={{ queue, state }} className="inline-block min-w-6 font-semibold text-lajvard underline">
      {shown}
    </Link>
  );
}

function Pace({ queue: { weight, max_running, rate } }: { queue: Queue }) {
  const formats = useFormats();
  return (
    <>
      <Trans>Share: {formats.number(weight)}</Trans>
      {' · '}
      {max_running != null && <Plural value={max_running} one="# at a time" other="# at a time" />}
      {max_running != null && rate != null && ' · '}
      {rate != null && <Trans>{formats.decimal(rate)} begin a second at most</Trans>}
      {max_running == null && rate == null && <Trans>no limits</Trans>}
    </>
  );
}

function Tools({ queue }: { queue: Queue }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { resume } = useQueueActions();
  const [over, setOver] = useState<'pause' | 'limits' | null>(null);
  if (!mayRun) return null;
  const close = () => setOver(null);
  const name = isolateLtr(queue.name);
  return (
    <div className="flex flex-wrap gap-2">
      {queue.paused_at ? (
        <Button size="small" aria-label={t`Let it go on (${name})`} onPress={() => void resume(queue)}>
          <Trans>Let it go on</Trans>
        </Button>
      ) : (
        <Button size="small" aria-label={t`Pause… (${name})`} onPress={() => setOver('pause')}>
          <Trans>Pause…</Trans>
        </Button>
      )}
      <Button size="small" weight="bare" aria-label={t`Share and limits… (${name})`} onPress={() => setOver('limits')}>
        <Trans>Share and limits…</Trans>
      </Button>
      <Suspense fallback={null}>
        {over === 'pause' && <PauseBox queue={queue} onClose={close} />}
        {over === 'limits' && <QueueLimits queue={queue} onClose={close} />}
      </Suspense>
    </div>
  );
}
