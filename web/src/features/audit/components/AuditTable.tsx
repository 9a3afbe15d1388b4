// Changes as rows: when, who, what, of which thing.

import { useLingui } from '@lingui/react/macro';
import { Button } from 'react-aria-components/Button';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Entry } from '../api';
import { ActionName, ActorName, SubjectName } from './Names';

const GRID = 'md:grid-cols-[10.5rem_minmax(0,1.2fr)_minmax(0,1.5fr)_minmax(0,1.5fr)_4.5rem]';

interface Props {
  entries: readonly Entry[];
  onOpen: (entry: Entry) => void;
  onEnd: () => void;
}

export function AuditTable({ entries, onOpen, onEnd }: Props) {
  const { t } = useLingui();
  const columns: Column<Entry>[] = [
    { id: 'at', name: t`When`, cell: ({ at }) => <Time at={at} />, className: 'text-ink-2 tabular max-md:order-2' },
    { id: 'who', name: t`Who`, cell: (entry) => <ActorName entry={entry} />, className: 'max-md:order-3 max-md:justify-self-end' },
    { id: 'what', name: t`What`, cell: (entry) => <Open entry={entry} onOpen={onOpen} />, className: 'max-md:order-1 max-md:col-span-2' },
    { id: 'subject', name: t`About`, cell: (entry) => <SubjectName entry={entry} />, className: 'max-md:order-4 max-md:col-span-2' },
    { id: 'seq', name: t`Number`, cell: ({ seq }) => <Mono className="text-ink-3">{seq}</Mono>, className: 'max-md:hidden' },
  ];
  return <Table label={t`Changes`} rows={entries} rowKey={({ seq }) => seq} columns={columns} grid={GRID} onEnd={onEnd} />;
}

function Open({ entry, onOpen }: { entry: Entry; onOpen: (entry: Entry) => void }) {
  return (
    <Button
      onPress={() => onOpen(entry)}
      className="max-w-full truncate text-start align-bottom font-semibold cursor-pointer hover:text-lajvard after:absolute after:inset-0"
    >
      <ActionName action={entry.action} />
    </Button>
  );
}
