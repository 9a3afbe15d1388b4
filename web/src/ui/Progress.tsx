// How far something is: a bar where its end is known, how fast it goes, and how long it takes yet.

import { Trans, useLingui } from '@lingui/react/macro';
import { useFormats } from '../lib/reader';

/** From this rate on, parts of a step tell nothing. */
const FAST = 10;

interface Props {
  /** Without `total` nobody knows how far it is to the end. */
  progress?: { done: number; total?: number | null | undefined; stage?: string | null | undefined } | null | undefined;
  /** A second. */
  rate?: number | null | undefined;
  seconds_left?: number | null | undefined;
  /** Without what is being done. */
  brief?: boolean;
}

export function Progress({ progress, rate, seconds_left, brief }: Props) {
  const formats = useFormats();
  if (!progress) return null;
  const { done, total, stage } = progress;
  const steps = rate ? formats.decimal(rate >= FAST ? Math.round(rate) : Math.round(rate * 100) / 100) : null;
  return (
    <div className="grid gap-1 text-sm">
      {total ? <Bar done={done} total={total} /> : null}
      <div className="flex flex-wrap gap-x-3 text-ink-2">
        <span className="tabular">
          {total ? (
            <Trans>
              {formats.number(done)} of {formats.number(total)}
            </Trans>
          ) : (
            formats.number(done)
          )}
        </span>
        {steps && (
          <span className="tabular">
            <Trans>{steps} a second</Trans>
          </span>
        )}
        {seconds_left != null && (
          <span className="tabular">
            <Trans>{formats.span(seconds_left)} left</Trans>
          </span>
        )}
        {stage && !brief && <bdi>{stage}</bdi>}
      </div>
    </div>
  );
}

const TRACK =
  'h-2.5 min-w-0 flex-1 appearance-none overflow-hidden rounded-full border border-line-strong bg-sunken ' +
  '[&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-lajvard [&::-moz-progress-bar]:bg-lajvard';

function Bar({ done, total }: { done: number; total: number }) {
  const { t } = useLingui();
  const formats = useFormats();
  return (
    <span className="flex items-center gap-2">
      <progress aria-label={t`Progress`} value={Math.min(done, total)} max={total} className={TRACK} />
      <span className="tabular text-ink-2">{formats.percent(Math.min(1, done / total))}</span>
    </span>
  );
}
