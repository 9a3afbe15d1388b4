// A table of any length: only the rows near the window are drawn. On phones each row is a card.

import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { cx } from './cx';

export interface Column<Row> {
  id: string;
  name: string;
  /** Where the cells say it, and it would be wider than they are. */
  isNameHidden?: boolean;
  cell: (row: Row) => ReactNode;
  /** Where it stands: its width on wide screens belongs to `columns`. */
  className?: string;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  columns: readonly Column<Row>[];
  /** The wide screen's grid, such as `md:grid-cols-[2fr_1fr]`; narrow ones have two columns. */
  grid: string;
  /** How many rows there are in all, when more than these are known to exist. */
  total?: number;
  /** The last rows came into view. */
  onEnd?: () => void;
}

const OVERSCAN = 8;

export function Table<Row>({ label, rows, rowKey, columns, grid, total, onEnd }: Props<Row>) {
  const body = useRef<HTMLDivElement>(null);
  const offset = useOffset(body);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => 46,
    overscan: OVERSCAN,
    scrollMargin: offset,
    getItemKey: (index) => rowKey(rows[index] as Row),
    onChange: ({ range }) => range && range.endIndex + OVERSCAN >= rows.length && onEnd?.(),
  });
  const items = virtual.getVirtualItems();
  return (
    <div role="table" aria-label={label} aria-rowcount={(total ?? rows.length) + 1} onKeyDown={walk}>
      <div role="rowgroup">
        <Head columns={columns} grid={grid} />
      </div>
      <div role="rowgroup" ref={body} className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => (
          <div
            key={key}
            ref={virtual.measureElement}
            role="row"
            aria-rowindex={index + 2}
            data-index={index}
            className={cx('absolute inset-x-0 top-0', ROW, grid)}
            style={{ transform: `translateY(${start - offset}px)` }}
          >
            <Cells row={rows[index] as Row} columns={columns} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** How far down the page a list begins, also after what stands above it grew: then the page grows too. */
export function useOffset(element: RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const look = () => setOffset((element.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return offset;
}

const ROW =
  'grid min-h-row grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 border-t border-line px-4 py-2 md:py-1 hover:bg-sunken/50 focus-within:bg-lajvard-soft/60';

function Head<Row>({ columns, grid }: { columns: readonly Column<Row>[]; grid: string }) {
  return (
    <div role="row" aria-rowindex={1} className={cx('max-md:sr-only grid gap-x-4 px-4 py-1.5 text-sm font-semibold text-ink-3', grid)}>
      {columns.map(({ id, name, isNameHidden, className }) => (
        <div key={id} role="columnheader" className={cx(className, 'text-ink-3!')}>
          {isNameHidden ? <span className="sr-only">{name}</span> : name}
        </div>
      ))}
    </div>
  );
}

function Cells<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return columns.map(({ id, cell, className }) => (
    <div key={id} role="cell" className={cx('min-w-0', className)}>
      {cell(row)}
    </div>
  ));
}

const STEPS: Record<string, number> = { ArrowDown: 1, KeyJ: 1, ArrowUp: -1, KeyK: -1 };

/** The arrows, J and K go from row to row, on what each row holds first. */
export function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.code];
  const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  if (!step || !row || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = event.currentTarget.querySelector<HTMLElement>(`[data-index="${Number(row.dataset.index) + step}"] :is(a, button)`);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
