// What a job writes while it runs. The end stays in view until one scrolls up to read.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useEffect, useLayoutEffect, useMemo, useRef, type ReactNode } from 'react';
import { isolate } from '../../../lib/bidi';
import { usePreferences } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { jobLog, type Job, type LogLine } from '../api';
import { isEnded } from '../model';

/** So near to its end a reader has not scrolled up. */
const NEAR_PX = 8;

export function JobLog({ job }: { job: Job }) {
  const { t } = useLingui();
  const query = useQuery(jobLog(job.id, !isEnded(job)));
  const { refetch } = query;
  const known = useRef(job.state);
  useEffect(() => {
    if (known.current === job.state) return;
    known.current = job.state;
    // What was written just before the end is read after it.
    void refetch();
  }, [job.state, refetch]);
  return (
    <Answered query={query} reading={t`Reading the log…`} effect={t`The log cannot be shown.`}>
      {(lines) => (lines.length > 0 ? <Lines lines={lines} /> : <Nothing />)}
    </Answered>
  );
}

function Nothing() {
  return (
    <p className="text-ink-2">
      <Trans>It has written nothing.</Trans>
    </p>
  );
}

function Lines({ lines }: { lines: readonly LogLine[] }) {
  const { t } = useLingui();
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  const scrolled = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: { currentTarget: HTMLElement }) => {
    atEnd.current = scrollTop + clientHeight >= scrollHeight - NEAR_PX;
  };
  return (
    <pre
      ref={box}
      dir="ltr"
      role="log"
      tabIndex={0}
      aria-label={t`Log of the job`}
      onScroll={scrolled}
      className="max-h-96 overflow-auto rounded-md bg-sunken p-3 text-start font-mono text-xs leading-relaxed whitespace-pre-wrap wrap-anywhere"
    >
      {useShown(lines)}
    </pre>
  );
}

const LEVELS: Record<string, string> = { warn: 'text-zaferan', error: 'text-anar font-semibold' };

/** A log is for machines too: Latin digits, left to right, what it says isolated. */
function useShown(lines: readonly LogLine[]): ReactNode {
  const { zone } = usePreferences().preferences;
  return useMemo(() => {
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'medium' });
    return lines.map(({ id, at, level, line }) => (
      <Fragment key={id}>
        <span className={LEVELS[level]}>{`${clock.format(new Date(at))} ${level.toUpperCase().padEnd(5)} ${isolate(line)}`}</span>
        {'\n'}
      </Fragment>
    ));
  }, [lines, zone]);
}
