// What can be done to all jobs that the list shows.

import { Trans } from '@lingui/react/macro';
import { lazy, Suspense, useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import type { Filter } from '../api';
import { meant, type Order } from '../model';

const BulkBox = lazy(async () => ({ default: (await import('./BulkBox')).BulkBox }));

export function Bulk({ filter }: { filter: Filter }) {
  const [order, setOrder] = useState<Order | null>(null);
  if (!useMayRun()) return null;
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {meant('retry', filter).length > 0 && (
        <Button size="small" onPress={() => setOrder('retry')}>
          <Trans>Try all that match again…</Trans>
        </Button>
      )}
      {meant('cancel', filter).length > 0 && (
        <Button size="small" weight="danger" onPress={() => setOrder('cancel')}>
          <Trans>Cancel all that match…</Trans>
        </Button>
      )}
      <Suspense fallback={null}>{order && <BulkBox order={order} filter={filter} onClose={() => setOrder(null)} />}</Suspense>
    </div>
  );
}
