// Who is to sit where: rooms and pipelines, how many they have room for, who sits and who waits.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Armchair } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Button as Bare } from 'react-aria-components/Button';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Panel } from '../../../ui/Panel';
import { Status } from '../../../ui/Status';
import { Table, type Column } from '../../../ui/Table';
import { assignments, type Assignments } from '../api';
import { keyOf, targets, type Target } from '../seats';
import { PlaceName } from './Names';

const SeatBox = lazy(async () => ({ default: (await import('./SeatBox')).SeatBox }));
const TargetPanel = lazy(async () => ({ default: (await import('./TargetPanel')).TargetPanel }));

export function Seats() {
  const { t } = useLingui();
  return (
    <Answered query={useQuery(assignments())} reading={t`Reading the seats…`} effect={t`The seats cannot be shown.`}>
      {(all) => <Whole all={all} />}
    </Answered>
  );
}

function Whole({ all }: { all: Assignments }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const [opened, setOpened] = useState<string | null>(null);
  const [giving, setGiving] = useState(false);
  const found = useMemo(() => targets(all), [all]);
  const target = found.find((one) => keyOf(one) === opened);
  const give = mayRun && (
    <Button size="small" onPress={() => setGiving(true)}>
      <Armchair size={16} aria-hidden />
      <Trans>Give a seat…</Trans>
    </Button>
  );
  return (
    <>
      <Panel title={t`Rooms and pipelines`} actions={give} flush>
        <p className="px-4 pb-2 text-ink-2">
          <Plural value={all.assigned_clients.length} one="# client has a seat" other="# clients have a seat" />
          {' · '}
          <Plural value={all.unassigned_clients.length} one="# has none" other="# have none" />
          {' · '}
          <Plural value={all.waiting.length} one="# waits" other="# wait" />
        </p>
        {found.length > 0 ? <Targets targets={found} onOpen={(one) => setOpened(keyOf(one))} /> : <NoSeats />}
      </Panel>
      <Suspense fallback={null}>
        {target && <TargetPanel target={target} onClose={() => setOpened(null)} />}
        {giving && <SeatBox onClose={() => setGiving(false)} />}
      </Suspense>
    </>
  );
}

function NoSeats() {
  const { t } = useLingui();
  return (
    <Empty title={t`Nobody has a seat yet`}>
      <Trans>A seat says in which room or pipeline a client belongs. A room that has room for so many refuses more, or lets them wait for a freed seat.</Trans>
    </Empty>
  );
}

const GRID = 'md:grid-cols-[minmax(0,1fr)_8rem_9rem_8rem]';

function Targets({ targets, onOpen }: { targets: readonly Target[]; onOpen: (target: Target) => void }) {
  const { t } = useLingui();
  const formats = useFormats();
  const columns: Column<Target>[] = [
    { id: 'name', name: t`Name`, cell: (target) => <Open target={target} onOpen={onOpen} /> },
    { id: 'kind', name: t`Kind`, cell: ({ kind }) => (kind === 'room' ? t`Room` : t`Pipeline`), className: 'text-ink-2 max-md:justify-self-end' },
    { id: 'seated', name: t`Seated`, cell: (target) => <Seated target={target} /> },
    { id: 'waiting', name: t`Waiting`, cell: ({ waiting }) => (waiting.length > 0 ? formats.number(waiting.length) : '—'), className: 'tabular max-md:hidden' },
  ];
  return <Table label={t`Rooms and pipelines`} rows={targets} rowKey={keyOf} columns={columns} grid={GRID} />;
}

function Open({ target, onOpen }: { target: Target; onOpen: (target: Target) => void }) {
  return (
    <Bare onPress={() => onOpen(target)} className="max-w-full truncate text-start align-bottom font-semibold cursor-pointer hover:text-lajvard after:absolute after:inset-0">
      <PlaceName place={target.name} />
    </Bare>
  );
}

export function Seated({ target: { capacity, seated } }: { target: Target }) {
  const formats = useFormats();
  if (capacity === null) return <span className="tabular">{formats.number(seated.length)}</span>;
  const isFull = seated.length >= capacity;
  const words = (
    <Trans>
      {formats.number(seated.length)} of {formats.number(capacity)}
    </Trans>
  );
  return isFull ? <Status tone="warn">{words}</Status> : <span className="tabular">{words}</span>;
}
