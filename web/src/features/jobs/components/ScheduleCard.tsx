// One schedule: what it does, when, what it did last, and what can be done about it.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { isolate } from '../../../lib/bidi';
import { useMayRun } from '../../../lib/user';
import { Button, buttonStyle } from '../../../ui/Button';
import { Fact, Facts } from '../../../ui/Panel';
import { Switch } from '../../../ui/Switch';
import { Code, Mono, Time } from '../../../ui/Text';
import type { Schedule } from '../api';
import { useScheduleActions } from '../hooks';
import { CATCH_UP } from '../model';
import { KindName } from './Names';
import { WhenWords } from './WhenWords';

export function ScheduleCard({ schedule }: { schedule: Schedule }) {
  const { t } = useLingui();
  const { kind, queue, catch_up, next } = schedule;
  return (
    <li className="jadval grid content-start gap-3 px-4 pt-2 pb-4">
      <Head schedule={schedule} />
      <Facts>
        <Fact name={t`Does`}>
          <KindName kind={kind} />{' '}
          <span className="text-sm text-ink-2">
            <Trans>
              in the queue <Mono>{queue}</Mono>
            </Trans>
          </span>
        </Fact>
        <Fact name={t`When`}>
          <WhenWords schedule={schedule} />
        </Fact>
        <Fact name={t`Missed times`}>{t(CATCH_UP[catch_up].word)}</Fact>
        <Fact name={t`Next`}>{next.length > 0 ? <Times times={next} /> : '—'}</Fact>
        <Fact name={t`Last run`}>
          <LastRun schedule={schedule} />
        </Fact>
      </Facts>
      <Tools schedule={schedule} />
    </li>
  );
}

function Head({ schedule }: { schedule: Schedule }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { turn } = useScheduleActions();
  const name = isolate(schedule.name);
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4">
      <h2 className="text-lg font-bold wrap-anywhere">
        <Code>{schedule.name}</Code>
      </h2>
      <Switch label={t`${name} runs by itself`} isOn={schedule.enabled} isDisabled={!mayRun} onChange={(isOn) => void turn(schedule, isOn)} />
    </div>
  );
}

function Times({ times }: { times: readonly string[] }) {
  return (
    <ol className="tabular">
      {times.map((at, place) => (
        <li key={at} className={place === 0 ? 'font-semibold' : 'text-ink-2'}>
          <Time at={at} style="moment" />
        </li>
      ))}
    </ol>
  );
}

function LastRun({ schedule: { last_at, last_job_id } }: { schedule: Schedule }) {
  if (!last_at) return <Trans>never</Trans>;
  return (
    <>
      <Time at={last_at} />{' '}
      {last_job_id != null && (
        <Link to="/jobs/$id" params={{ id: String(last_job_id) }} className="text-lajvard underline">
          <Trans>
            Job <Mono>{last_job_id}</Mono>
          </Trans>
        </Link>
      )}
    </>
  );
}

function Tools({ schedule }: { schedule: Schedule }) {
  const { fire } = useScheduleActions();
  if (!useMayRun()) return null;
  return (
    <div className="flex flex-wrap gap-2">
      <Button size="small" onPress={() => void fire(schedule)}>
        <Play size={14} aria-hidden />
        <Trans>Run now</Trans>
      </Button>
      <Link from="/schedules" to="/schedules" search={(old) => ({ ...old, change: schedule.name })} className={buttonStyle('plain', 'small')}>
        <Trans>Change…</Trans>
      </Link>
    </div>
  );
}
