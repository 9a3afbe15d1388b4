// One sentence: what waits, what runs, what failed; below it what keeps work from being done.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonStyle } from '../../../ui/Button';
import { Shape, Status } from '../../../ui/Status';
import { Mono, Time } from '../../../ui/Text';
import { STATES, type Sum } from '../model';

export function Now({ sum }: { sum: Sum }) {
  const { t } = useLingui();
  return (
    <section className="jadval" aria-label={t`Now`}>
      <div className="grid gap-2 px-5 py-4">
        <div>
          <Verdict sum={sum} />
        </div>
        <p className="text-lg">
          <Sentence sum={sum} />
        </p>
        <Troubles sum={sum} />
      </div>
    </section>
  );
}

const isStuck = ({ hasWorker, waiting }: Sum): boolean => !hasWorker && waiting > 0;

function Verdict({ sum }: { sum: Sum }) {
  if (isStuck(sum) || sum.failed > 0) {
    return (
      <Status tone="bad">
        <Trans>This needs you</Trans>
      </Status>
    );
  }
  if (sum.paused.length > 0) {
    return (
      <Status tone="warn">
        <Plural value={sum.paused.length} one="# queue is paused" other="# queues are paused" />
      </Status>
    );
  }
  return (
    <Status tone="live">
      <Trans>All is well</Trans>
    </Status>
  );
}

function Sentence({ sum: { waiting, running, failed, later, oldest } }: { sum: Sum }) {
  return (
    <>
      {running + waiting + failed === 0 ? (
        <Trans>Nothing waits and nothing runs.</Trans>
      ) : (
        <Trans>
          <Plural value={running} one="# job runs" other="# jobs run" />, <Plural value={waiting} one="# waits" other="# wait" />, <Plural value={failed} one="# failed" other="# failed" />.
        </Trans>
      )}{' '}
      {oldest && (
        <Trans>
          The oldest has waited since <Time at={oldest} />.
        </Trans>
      )}{' '}
      {later > 0 && <Plural value={later} one="# is for later." other="# are for later." />}
    </>
  );
}

function Troubles({ sum }: { sum: Sum }) {
  if (!isStuck(sum) && sum.paused.length === 0 && sum.failed === 0) return null;
  return (
    <ul>
      {isStuck(sum) && (
        <Trouble isBad>
          <Trans>
            No worker takes part, so nothing is begun. Start <bdi className="font-mono">dabir worker</bdi> or this server's own.
          </Trans>
        </Trouble>
      )}
      {sum.failed > 0 && (
        <Trouble isBad help={<ShowFailed />}>
          <Plural value={sum.failed} one="# job failed or was set aside and waits for you." other="# jobs failed or were set aside and wait for you." />
        </Trouble>
      )}
      {sum.paused.map((queue) => (
        <Trouble key={queue.name}>
          <Trans>
            Nothing of <Mono>{queue.name}</Mono> is begun while it is paused.
          </Trans>
          {queue.pause_reason && (
            <span className="block text-sm text-ink-2">
              <bdi>{queue.pause_reason}</bdi>
            </span>
          )}
        </Trouble>
      ))}
    </ul>
  );
}

function Trouble({ isBad, help, children }: { isBad?: boolean; help?: ReactNode; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-dashed border-line py-2">
      <span className={isBad ? 'text-anar' : 'text-zaferan'}>
        <Shape tone={isBad ? 'bad' : 'warn'} />
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere max-sm:basis-4/5">{children}</span>
      {help}
    </li>
  );
}

/** What failed and what was set aside are two lists. */
function ShowFailed() {
  const { t } = useLingui();
  return (['failed', 'set_aside'] as const).map((state) => (
    <Link key={state} to="/jobs" search={{ state }} className={buttonStyle('plain', 'small')}>
      {t(STATES[state].word)}
    </Link>
  ));
}
