// The last lines that a room printed, and each new one as it comes.

import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ErrorView } from '../../../ui/ErrorView';
import { readLog } from '../api';
import { joinLines } from '../log';

const FIRST = 200;
const MOST = 2_000;
const REOPEN_MS = 2_000;

export function LogTail({ id }: { id: string }) {
  const { t } = useLingui();
  const [lines, error] = useLog(id);
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  const scrolled = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: { currentTarget: HTMLElement }) => {
    atEnd.current = scrollTop + clientHeight >= scrollHeight - 8;
  };
  if (error) return <ErrorView error={error} effect={t`The log cannot be shown.`} />;
  if (lines.length === 0) {
    return (
      <p className="text-ink-2">
        <Trans>The room has printed nothing.</Trans>
      </p>
    );
  }
  return (
    <pre
      ref={box}
      dir="ltr"
      role="log"
      tabIndex={0}
      aria-label={t`Log of the room`}
      onScroll={scrolled}
      className="max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs leading-relaxed"
    >
      {lines.join('\n')}
    </pre>
  );
}

/** Followed first and read then, so that no line falls between. */
function useLog(id: string): [readonly string[], unknown] {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    let tail: readonly string[] | null = null;
    const followed: string[] = [];
    const show = () => current && tail && setLines(joinLines(tail, followed).slice(-MOST));
    const read = () =>
      readLog(id, FIRST).then((log) => {
        tail = log.lines;
        followed.length = 0;
        show();
      }, setError);
    const source = new EventSource(`/api/v1/meetings/${encodeURIComponent(id)}/logs?follow=true`);
    source.onmessage = ({ data }: MessageEvent<string>) => {
      followed.push(data);
      show();
    };
    source.onopen = () => void read();
    // Refused, most often since access was too old; reading gets new access, or says why not.
    let timer = 0;
    const again = () => (timer = window.setTimeout(() => setTurn(turn + 1), REOPEN_MS));
    source.onerror = () => source.readyState === EventSource.CLOSED && void read().then(again);
    return () => {
      current = false;
      clearTimeout(timer);
      source.close();
    };
  }, [id, turn]);
  return [lines, error];
}
