// How many were connected and what happened, by hour or by day, of all rooms or of one; as bars, as a table, as a file.

import { Trans, useLingui } from '@lingui/react/macro';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { download } from '../../../api/download';
import { Formats } from '../../../lib/formats';
import { useFormats, usePreferences } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { useFailure } from '../../../ui/failure';
import { FilterBar } from '../../../ui/Filters';
import { Panel } from '../../../ui/Panel';
import { Choice, Select } from '../../../ui/Select';
import { Table, type Column } from '../../../ui/Table';
import { Directed } from '../../../ui/Text';
import { analytics, analyticsAddress, type Analytics, type FiguresOfRoom, type FiguresOfTime } from '../api';
import { bars, MEASURE_NAMES, MEASURES, toAsked, type Measure } from '../figures';
import type { ClientsSearch, Period } from '../search';
import { PlaceName } from './Names';

interface Props {
  search: ClientsSearch;
  onChange: (search: Partial<ClientsSearch>) => void;
}

export function Figures({ search: { period: chosen, room }, onChange }: Props) {
  const period: Period = chosen ?? 'month';
  const { t } = useLingui();
  const failure = useFailure();
  const asked = toAsked(period, room, Date.now());
  const periods = [
    { id: 'day', text: t`24 hours` },
    { id: 'week', text: t`7 days` },
    { id: 'month', text: t`30 days` },
    { id: 'quarter', text: t`90 days` },
  ] as const;
  const query = useQuery({ ...analytics(asked), placeholderData: keepPreviousData });
  return (
    <>
      <FilterBar>
        <Choice<Period> label={t`Period`} options={periods} value={period} onChange={(next) => onChange({ period: next === 'month' ? undefined : next })} />
        {room && (
          <Button onPress={() => onChange({ room: undefined })}>
            <PlaceName place={room} />
            <X size={16} aria-label={t`All rooms`} />
          </Button>
        )}
        <Button className="ms-auto" onPress={() => void download(analyticsAddress(asked)).catch(failure(t`Nothing was saved.`))}>
          <Download size={16} aria-hidden />
          <Trans>Save as CSV</Trans>
        </Button>
      </FilterBar>
      <Answered query={query} reading={t`Reading the figures…`} effect={t`The figures cannot be shown.`}>
        {(figures) => <Whole figures={figures} />}
      </Answered>
    </>
  );
}

/** Days and hours are those of the house, in the reader's calendar. */
function useHouse(timezone: string): Formats {
  const { preferences } = usePreferences();
  return useMemo(() => new Formats({ ...preferences, zone: timezone }), [preferences, timezone]);
}

function Whole({ figures }: { figures: Analytics }) {
  const { t } = useLingui();
  const [measure, setMeasure] = useState<Measure>('connected_max');
  const measures = MEASURE_NAMES.map((id) => ({ id, text: t(MEASURES[id]) }));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Panel title={t`Over time`} actions={<Select label={t`What is shown`} isLabelHidden options={measures} value={measure} onChange={setMeasure} className="w-60" />}>
        <Chart figures={figures} measure={measure} />
      </Panel>
      <Panel title={figures.by === 'hour' ? t`By hour` : t`By day`} flush>
        <Times figures={figures} />
      </Panel>
      {figures.rooms.length > 0 && (
        <Panel title={t`By room`} flush>
          <Rooms rooms={figures.rooms} />
        </Panel>
      )}
    </div>
  );
}

/** Time runs left to right in every language. */
function Chart({ figures: { by, items, timezone }, measure }: { figures: Analytics; measure: Measure }) {
  const { t } = useLingui();
  const formats = useFormats();
  const house = useHouse(timezone);
  const [first, last] = [items[0], items.at(-1)];
  const name = ({ from }: FiguresOfTime) => (by === 'hour' ? house.clock(from) : house.numeric(from));
  const what = t(MEASURES[measure]);
  const most = formats.number(Math.max(0, ...items.map((item) => item[measure])));
  if (!first || !last) return null;
  return (
    <figure dir="ltr">
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" className="h-40 w-full border-b border-line-strong fill-current text-firuze" role="img" aria-label={t`${what}; the table below has each number`}>
        {bars(items, measure).map((bar, i) => (
          <rect key={items[i]?.from} {...bar}>
            <title>{`${items[i] && name(items[i])}: ${formats.number(items[i]?.[measure] ?? 0)}`}</title>
          </rect>
        ))}
      </svg>
      <figcaption className="flex justify-between gap-3 pt-1 text-sm text-ink-2 tabular">
        <bdi>{name(first)}</bdi>
        <bdi>
          <Trans>at most {most}</Trans>
        </bdi>
        <bdi>{name(last)}</bdi>
      </figcaption>
    </figure>
  );
}

type Row = FiguresOfTime | FiguresOfRoom;

/** The numbers of an hour, a day or a room. */
function useNumbers(): Column<Row>[] {
  const { t } = useLingui();
  const formats = useFormats();
  const number = (id: Measure, name: string, className: string): Column<Row> => ({ id, name, cell: (row) => formats.number(row[id]), className: `tabular ${className}` });
  return [
    number('connected_max', t`At most`, 'max-md:justify-self-end'),
    { id: 'mean', name: t`On average`, cell: ({ connected_mean }) => formats.decimal(Math.round(connected_mean * 10) / 10), className: 'tabular max-md:hidden' },
    number('joins', t`Arrivals`, 'max-md:hidden'),
    number('lost', t`Lost`, 'max-md:hidden'),
    number('pauses', t`Pauses`, 'max-md:hidden'),
    number('blocks', t`Blocks`, 'max-md:hidden'),
  ];
}

const GRID = 'md:grid-cols-[minmax(0,1fr)_repeat(6,5.5rem)]';

/** On phones the numbers that stand in no column are said in a line. */
function Brief({ row: { joins, lost, pauses, blocks } }: { row: Row }) {
  const formats = useFormats();
  return (
    <span className="block text-sm text-ink-2 md:hidden">
      <Trans>
        {formats.number(joins)} came in, {formats.number(lost)} lost, {formats.number(pauses)} paused, {formats.number(blocks)} blocked
      </Trans>
    </span>
  );
}

function Times({ figures: { by, items, timezone } }: { figures: Analytics }) {
  const { t } = useLingui();
  const house = useHouse(timezone);
  const rows = useMemo(() => [...items].reverse(), [items]);
  const time: Column<Row> = {
    id: 'time',
    name: by === 'hour' ? t`Hour` : t`Day`,
    cell: (row) => (
      <>
        {'from' in row && <Directed>{by === 'hour' ? house.full(row.from) : house.numeric(row.from)}</Directed>}
        <Brief row={row} />
      </>
    ),
    className: 'tabular',
  };
  return <Table<Row> label={t`By time`} rows={rows} rowKey={(row) => ('from' in row ? row.from : '')} columns={[time, ...useNumbers()]} grid={GRID} />;
}

function Rooms({ rooms }: { rooms: readonly FiguresOfRoom[] }) {
  const { t } = useLingui();
  const room: Column<Row> = {
    id: 'room',
    name: t`Room`,
    cell: (row) => (
      <>
        {'room' in row && (
          <Link from="/clients" to="/clients" search={(old) => ({ ...old, room: row.room })} className="block truncate font-semibold hover:text-lajvard after:absolute after:inset-0">
            <PlaceName place={row.room} />
          </Link>
        )}
        <Brief row={row} />
      </>
    ),
  };
  return <Table<Row> label={t`By room`} rows={rooms} rowKey={(row) => ('room' in row ? row.room : '')} columns={[room, ...useNumbers()]} grid={GRID} />;
}
