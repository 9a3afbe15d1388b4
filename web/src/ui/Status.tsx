// A state, said three times: by a shape, a colour and a word.

import type { ReactNode } from 'react';
import { cx } from './cx';

export type Tone = 'live' | 'wait' | 'warn' | 'bad' | 'over';

const TONES: Record<Tone, string> = {
  live: 'text-firuze bg-firuze-soft',
  wait: 'text-ink-2 bg-sunken',
  warn: 'text-zaferan bg-zaferan-soft',
  bad: 'text-anar bg-anar-soft',
  over: 'text-ink-2 bg-sunken',
};

/** Of the shape alone. */
export const COLOURS: Record<Tone, string> = { live: 'text-firuze', wait: 'text-ink-2', warn: 'text-zaferan', bad: 'text-anar', over: 'text-ink-2' };

export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={cx('inline-flex items-center gap-2 rounded-full px-2.5 py-px text-sm font-semibold whitespace-nowrap', TONES[tone])}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}

export function Shape({ tone }: { tone: Tone }) {
  return <i aria-hidden className={cx('shape', tone)} data-tone={tone} />;
}
