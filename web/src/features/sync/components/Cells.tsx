// The partitions of a run, filling in: a grid of two lists, a row of one, a list of more. One of them tells its story below.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { isolateLtr } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Panel } from '../../../ui/Panel';
import { Table, type Column } from '../../../ui/Table';
import { Mono } from '../../../ui/Text';
import type { Cell, Status } from '../api';
import { PARTITIONS, rowsOf, shapeOf, tally, type Shape } from '../model';
import { CellMark } from './CellMark';
import { CellGrid } from './CellGrid';
import { PartitionName, StatusMark } from './Names';
import { Counts } from './RunSummary';

export function Cells({ cells }: { cells: readonly Cell[] }) {
  const { t } = useLingui();
  const [chosen, setChosen] = useState<string | null>(null);
  const shape = shapeOf(cells);
  if (shape.kind === 'none') return null;
  const cell = cells.find(({ label }) => label === chosen) ?? cells.find(({ status }) => status === 'failed');
  return (
    <Panel title={t`Partitions`} actions={<Tally cells={cells} />} flush={shape.kind === 'list'}>
      <Drawn shape={shape} cells={cells} chosen={cell?.label ?? null} onChoose={setChosen} />
      {cell && shape.kind !== 'list' && <Story cell={cell} />}
    </Panel>
  );
}

interface Props {
  shape: Shape;
  cells: readonly Cell[];
  chosen: string | null;
  onChoose: (label: string) => void;
}

function Drawn({ shape, cells, chosen, onChoose }: Props) {
  switch (shape.kind) {
    case 'grid':
      return <CellGrid shape={shape} chosen={chosen} onChoose={onChoose} />;
    case 'row':
      return <CellRow name={shape.axis.name} cells={cells} chosen={chosen} onChoose={onChoose} />;
    case 'list':
      return <CellList cells={cells} />;
    case 'none':
      return null;
  }
}

function CellRow({ name, cells, chosen, onChoose }: Omit<Props, 'shape'> & { name: string }) {
  return (
    <ul className="flex flex-wrap gap-2">
      {cells.map((cell) => (
        <li key={cell.label} className="grid gap-0.5 text-center">
          <Mono className="text-ink-2">{cell.values[name]}</Mono>
          <CellMark cell={cell} isChosen={cell.label === chosen} onChoose={() => onChoose(cell.label)} />
        </li>
      ))}
    </ul>
  );
}

const GRID = 'md:grid-cols-[minmax(0,1fr)_9rem_7rem_minmax(0,2fr)]';

function CellList({ cells }: { cells: readonly Cell[] }) {
  const { t } = useLingui();
  const formats = useFormats();
  const columns: Column<Cell>[] = [
    { id: 'label', name: t`Partition`, cell: ({ label }) => <Mono className="font-semibold wrap-anywhere">{label}</Mono> },
    { id: 'status', name: t`State`, cell: ({ status }) => <StatusMark status={status} />, className: 'max-md:justify-self-end' },
    { id: 'rows', name: t`Rows`, cell: (cell) => formats.number(rowsOf(cell)), className: 'tabular' },
    { id: 'error', name: t`Error`, cell: ({ error }) => error && <bdi lang="en" className="text-sm wrap-anywhere">{error}</bdi>, className: 'max-md:col-span-2' },
  ];
  return <Table label={t`Partitions`} rows={cells} rowKey={({ label }) => label} columns={columns} grid={GRID} />;
}

const ORDER: readonly Status[] = ['failed', 'cancelled', 'running', 'pending', 'success'];

function Tally({ cells }: { cells: readonly Cell[] }) {
  const formats = useFormats();
  const counts = tally(cells);
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1">
      {ORDER.filter((status) => counts.has(status)).map((status) => (
        <li key={status} className="flex items-center gap-1.5">
          <span className="tabular font-semibold">{formats.number(counts.get(status) ?? 0)}</span>
          <StatusMark status={status} />
        </li>
      ))}
    </ul>
  );
}

/** What became of one partition. */
function Story({ cell }: { cell: Cell }) {
  const formats = useFormats();
  const name = useCellName();
  return (
    <section aria-label={name(cell)} className="mt-4 grid gap-2 rounded-md bg-sunken px-4 py-3">
      <h3 className="flex flex-wrap items-center gap-x-4 gap-y-1 font-semibold">
        {Object.entries(cell.values).map(([axis, value]) => (
          <span key={axis}>
            <PartitionName name={axis} /> <Mono>{value}</Mono>
          </span>
        ))}
        <StatusMark status={cell.status} />
      </h3>
      {cell.error && (
        <bdi lang="en" className="text-sm wrap-anywhere">
          {cell.error}
        </bdi>
      )}
      <Counts run={cell} />
      {cell.total != null && (
        <p className="text-sm text-ink-2">
          <Trans>The gateway says that there are {formats.number(cell.total)} rows.</Trans>
        </p>
      )}
    </section>
  );
}

/** “Campus 1100, Term 4001”, for those who hear it. */
export function useCellName(): (cell: Cell) => string {
  const { t } = useLingui();
  const formats = useFormats();
  return ({ values }) =>
    formats.list(
      Object.entries(values).map(([axis, value]) => {
        const word = PARTITIONS[axis];
        return `${word ? t(word) : isolateLtr(axis)} ${isolateLtr(value)}`;
      }),
    );
}
