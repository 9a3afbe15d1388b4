// The range as lines of ports, what is held marked in its place. The table below says the same in words.

import { Trans, useLingui } from '@lingui/react/macro';
import { useSyncExternalStore, type MouseEvent } from 'react';
import { useFormats } from '../../../lib/reader';
import { cx } from '../../../ui/cx';
import { Shape } from '../../../ui/Status';
import { Mono } from '../../../ui/Text';
import { mapLines, type Holder, type MapLine } from '../model';

interface Props {
  range: readonly [number, number];
  held: readonly Holder[];
  port: number | undefined;
  onPort: (port: number) => void;
}

const WIDE = window.matchMedia('(min-width: 820px)');

function useWidth(): number {
  const watch = (watcher: () => void) => {
    WIDE.addEventListener('change', watcher);
    return () => WIDE.removeEventListener('change', watcher);
  };
  return useSyncExternalStore(watch, () => (WIDE.matches ? 100 : 25));
}

export function PortMap({ range: [first, last], held, port, onPort }: Props) {
  const width = useWidth();
  const lines = mapLines(first, last, held, width, port);
  return (
    <div>
      <div dir="ltr" aria-hidden className="grid grid-cols-[3.2rem_1fr] items-center gap-y-1.5">
        {lines.map((line) => (
          <Line key={line.first} line={line} width={width} port={port} onPort={onPort} />
        ))}
      </div>
      <Legend />
    </div>
  );
}

interface LineProps {
  line: MapLine;
  width: number;
  port: number | undefined;
  onPort: (port: number) => void;
}

function Line({ line, width, port, onPort }: LineProps) {
  if (line.held === null) return <FreeStretch first={line.first} last={line.last} />;
  const count = line.last - line.first + 1;
  const press = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onPort(line.first + Math.min(count - 1, Math.floor(((event.clientX - box.x) / box.width) * count)));
  };
  const place = (port: number) => ({ insetInlineStart: `${((port - line.first) / count) * 100}%`, width: `${100 / count}%` });
  const looked = port !== undefined && port >= line.first && port <= line.last;
  return (
    <>
      <Mono className="text-xs text-ink-3">{line.first}</Mono>
      <div
        className="relative h-5 cursor-pointer border-y border-e border-line bg-surface"
        style={{ width: `${(count / width) * 100}%`, backgroundImage: CELLS, backgroundSize: `${100 / count}% 100%` }}
        onClick={press}
      >
        {line.held.map((holder) => (
          <i key={holder.port} title={`${holder.port} ${holder.owner ?? ''}`} className={cx('absolute inset-y-0', MARKS[holder.kind])} style={place(holder.port)} />
        ))}
        {looked && <i className="absolute -inset-y-1 rounded-sm outline-2 outline-ink" style={place(port)} />}
      </div>
    </>
  );
}

const CELLS = 'linear-gradient(to right, var(--line) 1px, transparent 1px)';
const MARKS = { lease: 'bg-lajvard border-s border-surface', other: 'bg-zaferan [clip-path:polygon(50%_0,100%_100%,0_100%)]' };

function FreeStretch({ first, last }: { first: number; last: number }) {
  const { i18n } = useLingui();
  const formats = useFormats();
  const count = formats.number(last - first + 1);
  return (
    <>
      <Mono className="text-xs text-ink-3">{first}</Mono>
      <div dir={i18n.locale === 'fa' ? 'rtl' : 'ltr'} className="border-b border-dashed border-line-strong text-end text-xs text-ink-3">
        <Trans>
          {count} free up to <Mono className="text-xs">{last}</Mono>
        </Trans>
      </div>
    </>
  );
}

function Legend() {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 pt-3 text-sm text-ink-2">
      <li className="flex items-center gap-2 text-lajvard">
        <i aria-hidden className="size-2.5 bg-current" />
        <span className="text-ink-2">
          <Trans>given by Dabir</Trans>
        </span>
      </li>
      <li className="flex items-center gap-2 text-zaferan">
        <Shape tone="warn" />
        <span className="text-ink-2">
          <Trans>used by another program</Trans>
        </span>
      </li>
      <li className="flex items-center gap-2">
        <i aria-hidden className="size-2.5 border border-line-strong" />
        <Trans>free</Trans>
      </li>
    </ul>
  );
}
