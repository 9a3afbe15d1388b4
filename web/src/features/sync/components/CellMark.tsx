// One partition as a button: its state by shape and colour, how many rows came or how far it is, and all of it in words.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import type { Ref } from 'react';
import { useFormats } from '../../../lib/reader';
import { cx } from '../../../ui/cx';
import type { Cell, Status } from '../api';
import { partOf, rowsOf, STATUS } from '../model';
import { useCellName } from './Cells';
import { StatusShape } from './Names';

const LOOKS: Record<Status, string> = {
  pending: 'border-line text-ink-3',
  running: 'border-lajvard bg-lajvard-soft text-lajvard',
  success: 'border-line bg-firuze-soft text-firuze',
  failed: 'border-anar bg-anar-soft text-anar',
  cancelled: 'border-line bg-sunken text-ink-2',
};

interface Props {
  cell: Cell;
  isChosen: boolean;
  onChoose: () => void;
  /** In a grid, one of its cells is reached by Tab and the others by arrows. */
  tabIndex?: number;
  ref?: Ref<HTMLButtonElement>;
}

export function CellMark({ cell, isChosen, onChoose, tabIndex, ref }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const name = useCellName()(cell);
  const state = t(STATUS[cell.status].word);
  const part = cell.status === 'running' ? partOf(cell) : null;
  const percent = part === null ? null : formats.percent(Math.round(part * 100) / 100);
  const how = percent ?? plural(rowsOf(cell), { one: '# row', other: '# rows' });
  return (
    <button
      ref={ref}
      type="button"
      tabIndex={tabIndex}
      aria-pressed={isChosen}
      aria-label={t`${name}: ${state}, ${how}`}
      title={state}
      onClick={onChoose}
      onFocus={onChoose}
      className={cx(
        'inline-flex min-h-8 min-w-16 pointer-coarse:min-h-11 items-center justify-center gap-2 rounded-sm border px-2 text-sm font-semibold tabular cursor-pointer aria-pressed:outline-2 aria-pressed:outline-offset-1 aria-pressed:outline-current',
        LOOKS[cell.status],
      )}
    >
      <StatusShape status={cell.status} />
      {percent ?? (cell.status === 'pending' ? null : formats.number(rowsOf(cell)))}
    </button>
  );
}
