// Small pieces of text that keep their own direction: names, codes, moments.

import type { ReactNode } from 'react';
import { useFormats, usePreferences } from '../lib/reader';
import { cx } from './cx';

/** Ports, ids, addresses, paths, logs: Latin digits, left to right. */
export function Mono({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <bdi dir="ltr" className={cx('font-mono text-sm', className)}>
      {children}
    </bdi>
  );
}

/** A name of the program's own, as large as what stands around it. */
export function Code({ children }: { children: string }) {
  return (
    <bdi dir="ltr" className="font-mono">
      {children}
    </bdi>
  );
}

/** Numbers with a space between, such as a day and a time: in the order of the page, since no letter tells theirs. */
export function Directed({ children }: { children: ReactNode }) {
  const { lang } = usePreferences().preferences;
  return (
    <bdi dir={lang === 'fa' ? 'rtl' : 'ltr'} className="whitespace-nowrap">
      {children}
    </bdi>
  );
}

interface TimeProps {
  at: string | number;
  /** `brief` leaves the day out when it is today, `full` never does. */
  style?: 'brief' | 'full' | 'moment' | 'clock' | 'seconds';
}

export function Time({ at, style = 'brief' }: TimeProps) {
  const formats = useFormats();
  const text = style === 'brief' ? formats.brief(at, Date.now()) : formats[style](at);
  return (
    <time dateTime={new Date(at).toISOString()} title={`${formats.moment(at)}\n${formats.otherwise(at)}`}>
      {style === 'moment' ? <bdi>{text}</bdi> : <Directed>{text}</Directed>}
    </time>
  );
}
