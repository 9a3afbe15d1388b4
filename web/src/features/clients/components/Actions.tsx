// The buttons of one client: what can be ordered as they stand.

import { Trans, useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { EllipsisVertical } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { isolate } from '../../../lib/bidi';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Menu } from '../../../ui/Menu';
import { soon } from '../../../ui/Toast';
import type { Client } from '../api';
import { useClientActions } from '../hooks';
import { fits, isWorded, type Asked, type Order } from '../model';

const OrderBox = lazy(async () => ({ default: (await import('./OrderBox')).OrderBox }));
const SeatBox = lazy(async () => ({ default: (await import('./SeatBox')).SeatBox }));

export function Actions({ client }: { client: Client }) {
  const mayRun = useMayRun();
  const [giving, setGiving] = useState(false);
  // As they stood when one began to word it: whatever others do meanwhile is told, and not overwritten.
  const [asked, setAsked] = useState<Asked | null>(null);
  const { give } = useClientActions();
  if (!mayRun) return null;
  const order = (wanted: Order) => (isWorded(wanted) ? setAsked({ order: wanted, clients: [client] }) : void give(wanted, [client]));
  return (
    <>
      {fits('unblock', client) && (
        <Button weight="primary" onPress={() => order('unblock')}>
          <Trans>Unblock</Trans>
        </Button>
      )}
      {fits('resume', client) && (
        <Button weight="primary" onPress={() => order('resume')}>
          <Trans>Resume</Trans>
        </Button>
      )}
      {fits('pause', client) && !client.paused && (
        <Button onPress={() => order('pause')}>
          <Trans>Pause…</Trans>
        </Button>
      )}
      {fits('disconnect', client) && (
        <Button onPress={() => order('disconnect')}>
          <Trans>Disconnect…</Trans>
        </Button>
      )}
      {!client.blocked && (
        <Button weight="danger" onPress={() => order('block')}>
          <Trans>Block…</Trans>
        </Button>
      )}
      <More client={client} onSeat={() => setGiving(true)} />
      <Suspense fallback={null}>
        {giving && <SeatBox username={client.username} onClose={() => setGiving(false)} />}
        {asked && <OrderBox {...asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}

function More({ client, onSeat }: { client: Client; onSeat: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { remove } = useClientActions();
  if (!client.source) return null;
  const name = isolate(client.name);
  const take = () => {
    void navigate({ to: '/clients' });
    soon(t`“${name}” is taken off the list.`, () => void remove(client), () => void navigate({ to: '/clients/$username', params: { username: client.username } }));
  };
  const actions = [
    { id: 'seat', text: t`Give a seat…`, run: onSeat },
    { id: 'remove', text: t`Take off the list`, run: take },
  ];
  return <Menu label={t`More`} icon={<EllipsisVertical size={18} aria-hidden />} actions={actions} />;
}
