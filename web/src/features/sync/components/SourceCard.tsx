// One source of the list: how it does, what its last run brought, when it is synced next.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { Fact, Facts } from '../../../ui/Panel';
import { Progress } from '../../../ui/Progress';
import { SourceName } from '../../../ui/SourceName';
import { Shape } from '../../../ui/Status';
import { Time } from '../../../ui/Text';
import { isOver, type Run, type Source } from '../api';
import { lacksLogin } from '../model';
import { Last } from './Last';
import { HealthMark } from './Names';
import { SourceActions } from './SourceActions';

export function SourceCard({ source }: { source: Source }) {
  return (
    <li className="jadval grid content-start gap-3 px-4 pt-2 pb-4">
      <Head source={source} />
      {lacksLogin(source) ? <Waits /> : <Figures source={source} />}
      {source.last_run && <How run={source.last_run} />}
      <Quarantine source={source} />
      <div className="flex flex-wrap gap-2 empty:hidden">
        <SourceActions source={source} />
      </div>
    </li>
  );
}

function Head({ source: { name, health } }: { source: Source }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <h2 className="text-lg font-bold wrap-anywhere">
        <Link to="/sync/$name" params={{ name }} className="text-lajvard hover:underline">
          <SourceName name={name} />
        </Link>
      </h2>
      <HealthMark health={health} />
    </div>
  );
}

function Waits() {
  return (
    <p className="text-ink-2">
      <Trans>It knows the university's gateway and waits for the name and password that let it in.</Trans>
    </p>
  );
}

function Figures({ source }: { source: Source }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { last_success_at, last_run, rows, next_at } = source;
  const took = last_run && isOver(last_run) ? last_run.duration_seconds : null;
  return (
    <Facts>
      <Fact name={t`Last sync`}>
        <Last at={last_success_at} />
      </Fact>
      {took != null && <Fact name={t`Took`}>{formats.span(took)}</Fact>}
      <Fact name={t`Records`}>{formats.number(rows)}</Fact>
      <Fact name={t`Next`}>{next_at ? <Time at={next_at} /> : <Trans>only by hand</Trans>}</Fact>
    </Facts>
  );
}

/** How far its run is, or why it failed. */
function How({ run }: { run: Run }) {
  const { progress, rate, seconds_left, status, error_message } = run;
  if (!isOver(run)) return <Progress progress={progress} rate={rate} seconds_left={seconds_left} />;
  if (status !== 'failed' || !error_message) return null;
  return (
    <p className="flex gap-2 rounded-md bg-anar-soft px-3 py-2 text-sm">
      <span className="pt-1 text-anar">
        <Shape tone="bad" />
      </span>
      <bdi lang="en" className="line-clamp-3 min-w-0 wrap-anywhere" title={error_message}>
        {error_message}
      </bdi>
    </p>
  );
}

function Quarantine({ source: { name, quarantined, last_run } }: { source: Source }) {
  const held = last_run?.held ?? 0;
  if (quarantined + held === 0) return null;
  return (
    <ul className="text-sm">
      {quarantined > 0 && (
        <li>
          <Link to="/sync/$name" params={{ name }} search={{ part: 'quarantine' }} className="text-lajvard underline">
            <Plural value={quarantined} one="# row is in quarantine" other="# rows are in quarantine" />
          </Link>
        </li>
      )}
      {held > 0 && (
        <li>
          <Link to="/sync/$name" params={{ name }} className="text-lajvard underline">
            <Plural value={held} one="# row is gone and waits for your word" other="# rows are gone and wait for your word" />
          </Link>
        </li>
      )}
    </ul>
  );
}
