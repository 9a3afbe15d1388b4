// What happened to a client, the newest first.

import { Trans, useLingui } from '@lingui/react/macro';
import { Empty, Waiting } from '../../../ui/Empty';
import { Table, type Column } from '../../../ui/Table';
import { Time } from '../../../ui/Text';
import type { ClientEvent } from '../api';
import { isAtPlace, SOURCES } from '../model';
import { HappeningMark, PlaceName } from './Names';

const GRID = 'md:grid-cols-[8.5rem_minmax(0,1fr)_minmax(0,7.5rem)_9.5rem]';

interface Props {
  events: readonly ClientEvent[];
  isReadingMore: boolean;
  onEnd: () => void;
}

export function Timeline({ events, isReadingMore, onEnd }: Props) {
  const { t } = useLingui();
  const columns: Column<ClientEvent>[] = [
    { id: 'what', name: t`What`, cell: (event) => <HappeningMark event={event} /> },
    { id: 'detail', name: t`Why or where`, cell: (event) => <Detail event={event} />, className: 'wrap-anywhere max-md:order-2 max-md:col-span-2' },
    { id: 'by', name: t`Who`, cell: ({ by }) => <Who by={by} />, className: 'text-ink-2 max-md:order-3 max-md:col-span-2' },
    { id: 'at', name: t`When`, cell: ({ at }) => <Time at={at} style="full" />, className: 'text-ink-2 tabular max-md:order-1 max-md:justify-self-end' },
  ];
  if (events.length === 0) {
    return (
      <Empty title={t`Nothing yet`}>
        <Trans>Nothing is known of earlier times.</Trans>
      </Empty>
    );
  }
  return (
    <>
      <Table label={t`What happened`} rows={events} rowKey={({ id }) => id} columns={columns} grid={GRID} onEnd={onEnd} />
      {isReadingMore && <Waiting label={t`Reading more…`} />}
    </>
  );
}

function Detail({ event }: { event: ClientEvent }) {
  const { t } = useLingui();
  const { kind, detail } = event;
  if (!detail) return null;
  if (isAtPlace(event)) return <PlaceName place={detail} isLink />;
  const source = kind === 'added' ? SOURCES[detail as keyof typeof SOURCES] : undefined;
  return source ? t(source) : <bdi>{detail}</bdi>;
}

/** What the house does by itself has no name to show. */
export function Who({ by }: { by: string }) {
  return by === 'system' ? <Trans>Dabir itself</Trans> : <bdi>{by}</bdi>;
}
