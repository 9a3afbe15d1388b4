// Clients as rows: who, how they stand and why, where, since when. Letters on a row do what its buttons would.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { KeyboardEvent, ReactNode } from 'react';
import { isolate } from '../../../lib/bidi';
import { useMayRun } from '../../../lib/user';
import { cx } from '../../../ui/cx';
import { Table, type Column } from '../../../ui/Table';
import { Time } from '../../../ui/Text';
import { Tick } from '../../../ui/Tick';
import type { Client } from '../api';
import { fits, type Order } from '../model';
import type { Selection } from '../selection';
import { PlaceName, StateMark } from './Names';
import { Portrait } from './Portrait';

const GRID = 'md:grid-cols-[minmax(0,1.4fr)_9.5rem_minmax(0,1.3fr)_minmax(0,1fr)_9.5rem]';
const CHOOSING = 'md:grid-cols-[1.5rem_minmax(0,1.4fr)_9.5rem_minmax(0,1.3fr)_minmax(0,1fr)_9.5rem] max-md:grid-cols-[auto_minmax(0,1fr)_auto]';

interface Props {
  clients: readonly Client[];
  total: number | undefined;
  selection: Selection;
  onOrder: (order: Order, client: Client) => void;
  onEnd: () => void;
}

export function ClientTable({ clients, total, selection, onOrder, onEnd }: Props) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const choose: Column<Client> = {
    id: 'choose',
    name: t`Choose`,
    isNameHidden: true,
    cell: (client) => {
      const name = isolate(client.name);
      return <Tick label={t`Choose ${name}`} isOn={selection.has(client.username)} onChange={() => selection.toggle(client)} />;
    },
    className: 'relative z-1',
  };
  const columns: Column<Client>[] = [
    ...(mayRun ? [choose] : []),
    { id: 'name', name: t`Name`, cell: (client) => <Name client={client} /> },
    { id: 'state', name: t`State`, cell: ({ state }) => <StateMark state={state} />, className: 'max-md:justify-self-end' },
    { id: 'why', name: t`Why`, cell: (client) => <Why client={client} />, className: mayRun ? 'text-sm text-ink-2 max-md:col-start-2 max-md:col-span-2 max-md:order-1' : 'text-sm text-ink-2 max-md:col-span-2 max-md:order-1' },
    { id: 'room', name: t`Room`, cell: ({ room }) => <span className="block truncate">{room ? <PlaceName place={room} /> : '—'}</span>, className: 'max-md:hidden' },
    { id: 'seen', name: t`Last seen`, cell: (client) => <Seen client={client} />, className: 'text-ink-2 tabular max-md:hidden' },
  ];
  const press = (event: KeyboardEvent<HTMLElement>) => mayRun && obey(event, clients, selection, onOrder);
  return (
    <div onKeyDown={press}>
      <Table label={t`Clients`} rows={clients} rowKey={({ username }) => username} columns={columns} grid={mayRun ? CHOOSING : GRID} onEnd={onEnd} {...(total !== undefined && { total })} />
    </div>
  );
}

function Name({ client }: { client: Client }) {
  const { username, name } = client;
  return (
    <span className="flex items-center gap-3">
      <Portrait client={client} size="small" />
      <span className="min-w-0">
        <Link to="/clients/$username" params={{ username }} dir="auto" className={cx(CUT, 'font-semibold hover:text-lajvard after:absolute after:inset-0')}>
          {name}
        </Link>
        {name !== username && (
          <span className="block text-sm text-ink-3">
            <bdi className={CUT}>{username}</bdi>
          </span>
        )}
      </span>
    </span>
  );
}

/** Cut at its own end, whichever way it runs. */
const CUT = 'inline-block max-w-full truncate align-bottom';

function Seen({ client: { state, last_seen } }: { client: Client }): ReactNode {
  if (state === 'active') return <Trans>now</Trans>;
  return last_seen ? <Time at={last_seen} /> : <Trans>never</Trans>;
}

function Why({ client: { reason, until } }: { client: Client }) {
  if (!reason && !until) return null;
  return (
    <>
      {reason && (
        <span className="block">
          <bdi className={CUT} title={reason}>
            {reason}
          </bdi>
        </span>
      )}
      {until && <Until at={until} />}
    </>
  );
}

function Until({ at }: { at: string }) {
  const { t } = useLingui();
  return (
    <span className="text-ink-3">
      {t`until`} <Time at={at} />
    </span>
  );
}

/** Letters stand for what can be ordered, wherever they stand on the keyboard. */
const KEYS: Record<string, (client: Client) => Order> = {
  KeyP: (client) => (fits('resume', client) ? 'resume' : 'pause'),
  KeyB: (client) => (client.blocked ? 'unblock' : 'block'),
  KeyD: () => 'disconnect',
};

function obey(event: KeyboardEvent<HTMLElement>, clients: readonly Client[], selection: Selection, onOrder: Props['onOrder']): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  const client = row && clients[Number(row.dataset.index)];
  if (!client) return;
  if (event.code === 'KeyX') {
    event.preventDefault();
    return selection.toggle(client);
  }
  const order = KEYS[event.code]?.(client);
  if (!order || !fits(order, client)) return;
  event.preventDefault();
  onOrder(order, client);
}
