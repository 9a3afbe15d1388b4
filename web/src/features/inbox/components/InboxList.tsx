// The lines of the inbox under their days; only those near the window are drawn. Letters on a line do what its buttons would.

import { useLingui } from '@lingui/react/macro';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useFormats } from '../../../lib/reader';
import { useOffset, walk } from '../../../ui/Table';
import type { Line } from '../api';
import { beginsDay } from '../model';
import { LineRow } from './LineRow';

export type Deed = 'seen' | 'sleep' | 'delete';

interface Props {
  lines: readonly Line[];
  onDeed: (deed: Deed, line: Line) => void;
  onEnd: () => void;
}

const OVERSCAN = 8;
/** By their place on the keyboard, so that they work while it writes Persian too. */
const KEYS: Record<string, Deed> = { KeyE: 'seen', KeyS: 'sleep', KeyZ: 'sleep', Delete: 'delete' };

export function InboxList({ lines, onDeed, onEnd }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const body = useRef<HTMLOListElement>(null);
  const offset = useOffset(body);
  const virtual = useWindowVirtualizer({
    count: lines.length,
    estimateSize: () => 64,
    overscan: OVERSCAN,
    scrollMargin: offset,
    getItemKey: (index) => lines[index]?.id ?? index,
    onChange: ({ range }) => range && range.endIndex + OVERSCAN >= lines.length && onEnd(),
  });
  const stayOn = useStayingOn(body.current, lines);
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const deed = KEYS[event.code];
    const index = Number((event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index);
    const line = lines[index];
    if (!deed || !line) return walk(event);
    event.preventDefault();
    if (deed !== 'sleep') stayOn(index);
    onDeed(deed, line);
  };
  return (
    <ol ref={body} aria-label={t`Notifications`} onKeyDown={press} className="relative" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const line = lines[index];
        const day = beginsDay(lines, index, formats);
        return (
          line && (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={lines.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start - offset}px)` }}
            >
              {day && <DayHead day={day} at={line.at} />}
              <LineRow line={line} onDeed={(deed) => onDeed(deed, line)} />
            </li>
          )
        );
      })}
    </ol>
  );
}

function DayHead({ day, at }: { day: string; at: string }) {
  const { t } = useLingui();
  const formats = useFormats();
  const now = Date.now();
  const names = new Map([
    [formats.iso(now), t`Today`],
    [formats.iso(formats.midnight(now) - 1), t`Yesterday`],
  ]);
  const name = names.get(day);
  return (
    <h2 className="flex flex-wrap gap-x-3 border-t border-line bg-sunken px-4 py-1 text-sm font-semibold text-ink-2">
      {name && <span>{name}</span>}
      <span className={name && 'font-normal'}>{formats.day(at)}</span>
    </h2>
  );
}

/** A line that goes leaves its place to the one after it, and the keyboard stays there. */
function useStayingOn(list: HTMLElement | null, lines: readonly Line[]): (index: number) => void {
  const place = useRef<number | null>(null);
  useEffect(() => {
    const index = place.current;
    place.current = null;
    if (index === null || list?.contains(document.activeElement)) return;
    list?.querySelector<HTMLElement>(`[data-index="${Math.min(index, lines.length - 1)}"] a`)?.focus();
  }, [list, lines]);
  return (index) => (place.current = index);
}
