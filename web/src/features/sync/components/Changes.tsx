// What a run made different, row by row; one of them before and after, beside the list.

import { useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Waiting } from '../../../ui/Empty';
import { SidePanel } from '../../../ui/Overlay';
import { Panel } from '../../../ui/Panel';
import { Status } from '../../../ui/Status';
import { Table, type Column } from '../../../ui/Table';
import { Code, Mono } from '../../../ui/Text';
import type { Change, Run } from '../api';
import { usePages } from '../hooks';
import { CHANGES } from '../model';
import { listChanges } from '../runs';
import { Differences } from './Differences';

const GRID = 'md:grid-cols-[minmax(0,1fr)_8rem_minmax(0,2fr)]';

export function Changes({ run }: { run: Run }) {
  const { t } = useLingui();
  const { rows, more, isFetchingNextPage } = usePages(listChanges(run.id));
  const [open, setOpen] = useState<Change | null>(null);
  if (rows.length === 0) return null;
  const columns: Column<Change>[] = [
    { id: 'key', name: t`Row`, cell: (change) => <Key change={change} onOpen={() => setOpen(change)} /> },
    { id: 'kind', name: t`Difference`, cell: ({ kind }) => <KindMark kind={kind} />, className: 'max-md:justify-self-end' },
    { id: 'fields', name: t`Fields`, cell: (change) => <FieldNames change={change} />, className: 'text-ink-2 max-md:col-span-2' },
  ];
  return (
    <Panel title={t`Changes`} flush>
      <Table label={t`Changes`} rows={rows} rowKey={({ id }) => id} columns={columns} grid={GRID} onEnd={more} />
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {open && (
        <SidePanel title={<Code>{open.key}</Code>} isOpen onClose={() => setOpen(null)}>
          <div>
            <KindMark kind={open.kind} />
          </div>
          <Differences change={open} />
        </SidePanel>
      )}
    </Panel>
  );
}

function Key({ change: { key }, onOpen }: { change: Change; onOpen: () => void }) {
  return (
    <button type="button" onClick={onOpen} className="max-w-full truncate text-start font-semibold cursor-pointer hover:text-lajvard after:absolute after:inset-0">
      <Mono>{key}</Mono>
    </button>
  );
}

export function KindMark({ kind }: { kind: string }) {
  const { t } = useLingui();
  const known = CHANGES[kind];
  return known ? <Status tone={known.tone}>{t(known.word)}</Status> : <Mono>{kind}</Mono>;
}

const MOST = 6;

function FieldNames({ change: { kind, before, after } }: { change: Change }) {
  const names = Object.keys(after ?? before ?? {});
  if (kind === 'new' || names.length === 0) return null;
  return (
    <span className="block truncate">
      <Mono>{names.slice(0, MOST).join(', ')}</Mono>
      {names.length > MOST && ' …'}
    </span>
  );
}
