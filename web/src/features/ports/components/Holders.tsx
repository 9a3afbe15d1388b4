// Who holds which port, since when and until when.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Status } from '../../../ui/Status';
import { Table, type Column } from '../../../ui/Table';
import { Mono } from '../../../ui/Text';
import { usePortActions } from '../hooks';
import { meetingOf, type Holder } from '../model';
import { Stamp } from './Stamp';

const GRID = 'md:grid-cols-[4.5rem_minmax(0,1fr)_6rem_9.5rem_9.5rem_4rem_6.5rem]';

export function Holders({ held }: { held: readonly Holder[] }) {
  const { t } = useLingui();
  const formats = useFormats();
  const columns: Column<Holder>[] = [
    { id: 'port', name: t`Port`, cell: ({ port }) => <Mono className="font-semibold">{port}</Mono> },
    { id: 'owner', name: t`Holder`, cell: (holder) => <Owner holder={holder} />, className: 'max-md:order-last max-md:col-span-2' },
    { id: 'pid', name: t`Process`, cell: ({ lease }) => (lease?.pid ? <Mono>{lease.pid}</Mono> : '—'), className: 'max-md:hidden' },
    { id: 'since', name: t`Since`, cell: ({ lease }) => <Stamp stamp={lease?.since} at={lease?.since_at} />, className: 'text-ink-2 tabular max-md:order-last' },
    { id: 'expires', name: t`Until`, cell: ({ lease }) => <Stamp stamp={lease?.expires} at={lease?.expires_at} />, className: 'text-ink-2 tabular max-md:hidden' },
    { id: 'picked', name: t`Picked`, cell: ({ picked }) => formats.number(picked), className: 'tabular max-md:hidden' },
    { id: 'release', name: t`To do`, cell: (holder) => <Release holder={holder} />, className: 'justify-self-end' },
  ];
  if (held.length === 0) return <Empty title={t`Every port is free`} />;
  return <Table label={t`Ports in use`} rows={held} rowKey={({ port }) => port} columns={columns} grid={GRID} />;
}

function Owner({ holder: { kind, owner, active } }: { holder: Holder }) {
  const meeting = meetingOf(owner);
  if (kind === 'other') {
    return (
      <Status tone="warn">
        <Trans>Another program</Trans>
      </Status>
    );
  }
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      {meeting ? (
        <Link to="/meetings/$id" params={{ id: meeting }} className="text-lajvard hover:underline">
          <Trans>
            Meeting <Mono>{meeting}</Mono>
          </Trans>
        </Link>
      ) : (
        <bdi className="wrap-anywhere">{owner}</bdi>
      )}
      {active && (
        <Status tone="live">
          <Trans>Active</Trans>
        </Status>
      )}
    </span>
  );
}

/** Rooms give their ports back by themselves, and ports of others are not ours to give. */
function Release({ holder }: { holder: Holder }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { release } = usePortActions();
  if (!mayRun || holder.kind === 'other' || meetingOf(holder.owner)) return null;
  return (
    <Button size="small" aria-label={t`Release port ${String(holder.port)}`} onPress={() => release(holder)}>
      <Trans>Release</Trans>
    </Button>
  );
}
