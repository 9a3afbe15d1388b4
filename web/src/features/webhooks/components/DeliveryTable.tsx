// What was sent and what waits, as rows.

import { Plural, useLingui } from '@lingui/react/macro';
import { Button } from 'react-aria-components/Button';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Delivery } from '../api';
import { DeliveryMark, EventName } from './Names';

const GRID = 'md:grid-cols-[minmax(0,1fr)_9rem_6rem_8.5rem]';

interface Props {
  deliveries: readonly Delivery[];
  onOpen: (delivery: Delivery) => void;
  onEnd: () => void;
}

export function DeliveryTable({ deliveries, onOpen, onEnd }: Props) {
  const { t } = useLingui();
  const columns: Column<Delivery>[] = [
    { id: 'event', name: t`Event`, cell: (delivery) => <What delivery={delivery} onOpen={onOpen} />, className: 'max-md:col-span-2' },
    { id: 'state', name: t`State`, cell: (delivery) => <DeliveryMark delivery={delivery} /> },
    { id: 'answer', name: t`Answer`, cell: (delivery) => <Answer delivery={delivery} />, className: 'text-sm text-ink-2 max-md:order-2' },
    { id: 'at', name: t`Since`, cell: ({ created_at }) => <Time at={created_at} />, className: 'text-sm text-ink-2 tabular max-md:order-1 max-md:justify-self-end' },
  ];
  return <Table label={t`Deliveries`} rows={deliveries} rowKey={({ id }) => id} columns={columns} grid={GRID} onEnd={onEnd} />;
}

function What({ delivery, onOpen }: { delivery: Delivery; onOpen: (delivery: Delivery) => void }) {
  const { event, subject } = delivery;
  return (
    <span className="block min-w-0">
      <Button onPress={() => onOpen(delivery)} className="max-w-full text-start font-semibold cursor-pointer hover:text-lajvard after:absolute after:inset-0">
        <EventName event={event} />
      </Button>
      {subject && (
        <span className="block truncate text-sm text-ink-3">
          <bdi>{subject}</bdi>
        </span>
      )}
    </span>
  );
}

function Answer({ delivery: { last_status, last_error, attempts } }: { delivery: Delivery }) {
  return (
    <>
      {last_status ? <Mono>{last_status}</Mono> : last_error ? '—' : null}
      {attempts > 1 && (
        <>
          {' · '}
          <Plural value={attempts} one="# attempt" other="# attempts" />
        </>
      )}
    </>
  );
}
