// Files as rows: what, of which kind, how large, whose, since when, how far. X chooses a row.

import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { KeyboardEvent } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { cx } from '../../../ui/cx';
import { Table, type Column } from '../../../ui/Table';
import { Time } from '../../../ui/Text';
import { Tick } from '../../../ui/Tick';
import type { StoredFile } from '../api';
import type { Selection } from '../hooks';
import { KindWord, StateMark, Thumbnail } from './Names';

const GRID = 'md:grid-cols-[minmax(0,3fr)_7rem_6.5rem_minmax(0,1fr)_8.5rem_8.5rem]';
const CHOOSING = 'md:grid-cols-[1.5rem_minmax(0,3fr)_7rem_6.5rem_minmax(0,1fr)_8.5rem_8.5rem] max-md:grid-cols-[auto_minmax(0,1fr)_auto]';

interface Props {
  files: readonly StoredFile[];
  hasMore: boolean;
  selection: Selection;
  onEnd: () => void;
}

export function FileTable({ files, hasMore, selection, onEnd }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayWrite = useMayWrite();
  const choose: Column<StoredFile> = {
    id: 'choose',
    name: t`Choose`,
    isNameHidden: true,
    cell: ({ id, name }) => <Choose name={name} isOn={selection.ids.has(id)} onChange={() => selection.toggle(id)} />,
    className: 'relative z-1',
  };
  const columns: Column<StoredFile>[] = [
    ...(mayWrite ? [choose] : []),
    { id: 'name', name: t`Name`, cell: (file) => <Name file={file} />, className: 'max-md:col-span-2' },
    { id: 'kind', name: t`Kind`, cell: (file) => <KindWord file={file} />, className: 'text-ink-2 max-md:hidden' },
    { id: 'size', name: t`Size`, cell: ({ size }) => formats.bytes(size), className: 'text-ink-2 tabular max-md:hidden' },
    { id: 'owner', name: t`Owner`, cell: ({ owner }) => <bdi className={CUT}>{owner}</bdi>, className: 'text-ink-2 max-md:hidden' },
    { id: 'when', name: t`Uploaded`, cell: ({ created_at }) => <Time at={created_at} />, className: 'text-ink-2 tabular max-md:hidden' },
    { id: 'state', name: t`State`, cell: ({ state }) => <StateMark state={state} />, className: mayWrite ? 'max-md:col-start-2 max-md:ms-12' : 'max-md:ms-12' },
  ];
  const press = (event: KeyboardEvent<HTMLElement>) => mayWrite && toggleByKey(event, files, selection);
  return (
    <div onKeyDown={press}>
      <Table
        label={t`Files`}
        rows={files}
        rowKey={({ id }) => id}
        columns={columns}
        grid={mayWrite ? CHOOSING : GRID}
        onEnd={onEnd}
        // How many there are in all nobody counted.
        {...(hasMore && { total: -2 })}
      />
    </div>
  );
}

function Choose({ name, isOn, onChange }: { name: string; isOn: boolean; onChange: () => void }) {
  const { t } = useLingui();
  const called = isolate(name);
  return <Tick label={t`Choose ${called}`} isOn={isOn} onChange={onChange} />;
}

/** Cut at its own end, whichever way it runs. */
const CUT = 'inline-block max-w-full truncate align-bottom';

function Name({ file }: { file: StoredFile }) {
  const { id, name, size, created_at } = file;
  const formats = useFormats();
  return (
    <span className="flex items-center gap-3">
      <Thumbnail file={file} size="small" />
      <span className="min-w-0">
        <Link to="/files/$id" params={{ id }} dir="auto" title={name} className={cx(CUT, 'font-semibold hover:text-lajvard after:absolute after:inset-0')}>
          {name}
        </Link>
        <span className="flex flex-wrap gap-x-3 text-sm text-ink-3 tabular md:hidden">
          <span>{formats.bytes(size)}</span>
          <Time at={created_at} />
        </span>
      </span>
    </span>
  );
}

function toggleByKey(event: KeyboardEvent<HTMLElement>, files: readonly StoredFile[], selection: Selection): void {
  if (event.code !== 'KeyX' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  const file = row && files[Number(row.dataset.index)];
  if (!file) return;
  event.preventDefault();
  selection.toggle(file.id);
}
