// What can be done with the clients that are chosen. It stays in sight while one scrolls.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { useFailure } from '../../../ui/failure';
import { Button } from '../../../ui/Button';
import { allClients, MOST_AT_ONCE, type Client, type Filter } from '../api';
import { fits, type Order } from '../model';
import type { Selection } from '../selection';

interface Props {
  selection: Selection;
  filter: Filter;
  /** How many the list finds, as far as it is known. */
  total: number | undefined;
  onOrder: (order: Order, clients: readonly Client[]) => void;
}

const ORDERS: readonly Order[] = ['pause', 'resume', 'block', 'unblock', 'disconnect'];

export function BulkBar({ selection, filter, total, onOrder }: Props) {
  const { t } = useLingui();
  const words: Record<Order, string> = { pause: t`Pause…`, resume: t`Resume`, block: t`Block…`, unblock: t`Unblock`, disconnect: t`Disconnect…` };
  const { clients } = selection;
  return (
    <section aria-label={t`Chosen clients`} className="sticky bottom-(--dock) z-10 flex flex-wrap items-center gap-2 border-t border-line-strong bg-surface px-4 py-2">
      <b className="me-2">
        <Plural value={clients.length} one="# chosen" other="# chosen" />
      </b>
      {ORDERS.map((order) => {
        const meant = clients.filter((client) => fits(order, client));
        return (
          meant.length > 0 && (
            <Button key={order} size="small" weight={order === 'block' ? 'danger' : 'plain'} onPress={() => onOrder(order, meant)}>
              {words[order]}
            </Button>
          )
        );
      })}
      <span className="ms-auto flex flex-wrap gap-2">
        {(total === undefined || total > clients.length) && clients.length < MOST_AT_ONCE && <ChooseAll filter={filter} selection={selection} />}
        <Button size="small" weight="bare" onPress={selection.clear}>
          <Trans>Choose none</Trans>
        </Button>
      </span>
    </section>
  );
}

function ChooseAll({ filter, selection }: Pick<Props, 'filter' | 'selection'>) {
  const { t } = useLingui();
  const failure = useFailure();
  const [isPending, setPending] = useState(false);
  const choose = () => {
    setPending(true);
    void allClients(filter)
      .then(selection.set, failure(t`Not all of them were chosen.`))
      .finally(() => setPending(false));
  };
  return (
    <Button size="small" weight="bare" isPending={isPending} onPress={choose}>
      <Trans>Choose all that match</Trans>
    </Button>
  );
}
