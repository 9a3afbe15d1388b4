// The buttons of one client: what can be ordered as they stand.

import { Trans } from '@lingui/react/macro';
import { lazy, Suspense, useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import type { Client } from '../api';
import { fits, type Asked, type Order } from '../model';

const GiveOrder = lazy(async () => ({ default: (await import('./GiveOrder')).GiveOrder }));
const More = lazy(async () => ({ default: (await import('./More')).More }));
const SeatBox = lazy(async () => ({ default: (await import('./SeatBox')).SeatBox }));

export function Actions({ client }: { client: Client }) {
  const mayRun = useMayRun();
  const [giving, setGiving] = useState(false);
  // As they stood when one began to word it: whatever others do meanwhile is told, and not overwritten.
  const [asked, setAsked] = useState<Asked | null>(null);
  if (!mayRun) return null;
  const order = (wanted: Order) => setAsked({ order: wanted, clients: [client] });
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
      <Suspense fallback={<span className="min-h-10 min-w-10" data-waiting />}>
        <More client={client} onSeat={() => setGiving(true)} />
      </Suspense>
      <Suspense fallback={null}>
        {giving && <SeatBox username={client.username} onClose={() => setGiving(false)} />}
        {asked && <GiveOrder {...asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}
