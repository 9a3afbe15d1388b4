// Two lists of partitions as a grid: the arrows go from cell to cell, as the page reads.

import { useRef, type KeyboardEvent } from 'react';
import { useLingui } from '@lingui/react/macro';
import { Mono } from '../../../ui/Text';
import { placeOf, type Shape } from '../model';
import { CellMark } from './CellMark';
import { PartitionName } from './Names';

interface Props {
  shape: Extract<Shape, { kind: 'grid' }>;
  chosen: string | null;
  onChoose: (label: string) => void;
}

export function CellGrid({ shape: { rows, columns, at }, chosen, onChoose }: Props) {
  const { t } = useLingui();
  const first = at.values().next().value?.label ?? null;
  const reached = chosen ?? first;
  return (
    <div className="overflow-x-auto pb-1">
      <table aria-label={t`Partitions`} onKeyDown={useArrows()} className="border-separate border-spacing-1 -mx-1">
        <thead>
          <tr>
            <th scope="col" className="pe-3 text-start text-sm font-semibold text-ink-3">
              <PartitionName name={rows.name} /> × <PartitionName name={columns.name} />
            </th>
            {columns.values.map((column) => (
              <th key={column} scope="col" className="text-center font-normal text-ink-2">
                <Mono>{column}</Mono>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.values.map((row, y) => (
            <tr key={row}>
              <th scope="row" className="pe-3 text-start font-normal text-ink-2">
                <Mono>{row}</Mono>
              </th>
              {columns.values.map((column, x) => {
                const cell = at.get(placeOf(row, column));
                return (
                  <td key={column} data-place={`${x} ${y}`} className="text-center">
                    {cell && (
                      <CellMark cell={cell} isChosen={cell.label === chosen} tabIndex={cell.label === reached ? 0 : -1} onChoose={() => onChoose(cell.label)} />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STEPS: Record<string, readonly [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Left is onwards where one reads from right to left. */
function useArrows() {
  return useRef((event: KeyboardEvent<HTMLElement>) => {
    const [x, y] = STEPS[event.key] ?? [0, 0];
    const place = (event.target as HTMLElement).closest<HTMLElement>('[data-place]')?.dataset.place;
    if (!place || (x === 0 && y === 0)) return;
    const onwards = getComputedStyle(event.currentTarget).direction === 'rtl' ? -x : x;
    const [column = 0, row = 0] = place.split(' ').map(Number);
    const next = event.currentTarget.querySelector<HTMLElement>(`[data-place="${column + onwards} ${row + y}"] button`);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }).current;
}
