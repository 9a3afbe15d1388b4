// The processes that work jobs off.

import { Trans, useLingui } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Worker } from '../api';

const GRID = 'md:grid-cols-[minmax(0,1.5fr)_6rem_7rem_7rem_9rem_9rem]';

export function Workers({ workers }: { workers: readonly Worker[] }) {
  const { t } = useLingui();
  const columns: Column<Worker>[] = [
    { id: 'host', name: t`Machine`, cell: ({ host }) => <Mono className="font-semibold wrap-anywhere">{host}</Mono> },
    { id: 'pid', name: t`Process`, cell: ({ pid }) => <Mono>{pid}</Mono>, className: 'max-md:hidden' },
    { id: 'version', name: t`Version`, cell: ({ version }) => <Mono>{version}</Mono>, className: 'max-md:hidden' },
    { id: 'busy', name: t`Busy`, cell: (worker) => <Busy worker={worker} />, className: 'tabular max-md:justify-self-end' },
    { id: 'since', name: t`Since`, cell: ({ started_at }) => <Time at={started_at} />, className: 'text-ink-2 tabular max-md:hidden' },
    { id: 'seen', name: t`Last seen`, cell: ({ seen_at }) => <Time at={seen_at} style="seconds" />, className: 'text-ink-2 tabular max-md:col-span-2' },
  ];
  return <Table label={t`Workers`} rows={workers} rowKey={({ id }) => id} columns={columns} grid={GRID} />;
}

function Busy({ worker: { running, slots } }: { worker: Worker }) {
  const formats = useFormats();
  return (
    <Trans>
      {formats.number(running)} of {formats.number(slots)}
    </Trans>
  );
}
