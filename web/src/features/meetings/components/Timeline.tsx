// One day as a strip of twenty-four hours, the meetings in lanes below each other. Time runs left to right in every language.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useLayoutEffect, useRef } from 'react';
import { useFormats } from '../../../lib/reader';
import { Button, IconButton } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { Empty } from '../../../ui/Empty';
import { Shape } from '../../../ui/Status';
import { DAY_MS, lanes, type Placed } from '../lanes';
import { STATES, type Meeting } from '../model';

interface Props {
  meetings: readonly Meeting[];
  /** A moment of the day that is shown. */
  day: number;
  onDay: (day: number) => void;
}

export function Timeline({ meetings, day, onDay }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const start = formats.midnight(day);
  const placed = lanes(meetings, start);
  const isToday = formats.iso(day) === formats.iso(Date.now());
  return (
    <section className="jadval">
      <header className="flex flex-wrap items-center gap-2 px-4 py-2">
        <IconButton aria-label={t`Previous day`} onPress={() => onDay(start - DAY_MS / 2)}>
          <ChevronLeft size={18} aria-hidden className="mirror" />
        </IconButton>
        <h2 className="text-lg font-bold" aria-live="polite">
          {formats.day(day)}
        </h2>
        <IconButton aria-label={t`Next day`} onPress={() => onDay(start + DAY_MS * 1.5)}>
          <ChevronRight size={18} aria-hidden className="mirror" />
        </IconButton>
        {!isToday && (
          <Button onPress={() => onDay(Date.now())}>
            <Trans>Today</Trans>
          </Button>
        )}
      </header>
      {placed.length ? <Strip placed={placed} start={start} isToday={isToday} /> : <Empty title={t`No meeting on this day`} />}
    </section>
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function Strip({ placed, start, isToday }: { placed: readonly Placed[]; start: number; isToday: boolean }) {
  const { t } = useLingui();
  const formats = useFormats();
  const count = Math.max(...placed.map(({ lane }) => lane)) + 1;
  const box = useRef<HTMLDivElement>(null);
  const opening = isToday ? (Date.now() - start) / DAY_MS : (placed[0]?.from ?? 0);
  // Once a day, not at every change of a meeting: the reader may have moved on.
  useLayoutEffect(() => bring(box.current, opening), [start]);
  return (
    <div ref={box} className="overflow-x-auto px-4 pb-4" tabIndex={0} role="group" aria-label={t`Timeline`}>
      <div dir="ltr" className="relative min-w-[1680px]">
        <div aria-hidden className="grid grid-cols-24 text-xs text-ink-3">
          {HOURS.map((hour) => (
            <span key={hour} className="border-s border-line ps-1">
              {formats.number(hour)}
            </span>
          ))}
        </div>
        <ol className="relative" style={{ height: count * 40 }}>
          {placed.map((bar) => (
            <Bar key={bar.meeting.id} {...bar} />
          ))}
        </ol>
        {isToday && <Now share={(Date.now() - start) / DAY_MS} />}
      </div>
    </div>
  );
}

/** Brings a share of the strip into the first third of what is seen. */
function bring(box: HTMLElement | null, share: number): void {
  if (!box) return;
  const strip = box.firstElementChild as HTMLElement;
  const by = strip.getBoundingClientRect().x + share * strip.offsetWidth - box.getBoundingClientRect().x - box.offsetWidth / 3;
  box.scrollLeft += by;
}

const TONES = {
  live: 'bg-firuze-soft text-firuze border-firuze',
  wait: 'bg-lajvard-soft text-lajvard border-lajvard',
  warn: 'bg-zaferan-soft text-zaferan border-zaferan',
  bad: 'bg-anar-soft text-anar border-anar',
  over: 'bg-sunken text-ink-2 border-line-strong',
};

function Bar({ meeting, lane, from, to }: Placed) {
  const { t } = useLingui();
  const formats = useFormats();
  const { tone, word } = STATES[meeting.state];
  const hours = `${formats.clock(meeting.date_time)} – ${formats.clock(meeting.end_time)}`;
  return (
    <li className="absolute h-9" style={{ insetInlineStart: `${from * 100}%`, width: `${(to - from) * 100}%`, top: lane * 40 + 4 }}>
      <Link
        to="/meetings/$id"
        params={{ id: meeting.id }}
        title={`${meeting.name}\n${hours}`}
        aria-label={`${meeting.name}, ${t(word)}, ${hours}`}
        className={cx('flex h-full min-w-6 items-center gap-2 overflow-hidden rounded-md border px-2 text-sm font-semibold', TONES[tone])}
      >
        <Shape tone={tone} />
        <span dir="auto" className="truncate">
          {meeting.name}
        </span>
      </Link>
    </li>
  );
}

function Now({ share }: { share: number }) {
  return <i aria-hidden className="pointer-events-none absolute inset-y-0 w-0.5 bg-anar" style={{ insetInlineStart: `${share * 100}%` }} />;
}
