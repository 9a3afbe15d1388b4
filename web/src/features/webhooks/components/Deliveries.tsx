// What was sent to a webhook and what waits, with what narrows it.

import { Trans, useLingui } from '@lingui/react/macro';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import type { Delivery, Webhook } from '../api';
import { EVENTS } from '../events';
import { useDeliveries } from '../hooks';
import { asksFor, DELIVERY_STATES } from '../model';
import { DELIVERY_STATE_NAMES, toFilter, type WebhookSearch } from '../search';
import { DeliveryTable } from './DeliveryTable';

interface Props {
  webhook: Webhook;
  search: WebhookSearch;
  onChange: (search: Partial<WebhookSearch>) => void;
}

export function Deliveries({ webhook, search, onChange }: Props) {
  const { t } = useLingui();
  const filter = toFilter(search);
  const found = useDeliveries(webhook.id, filter);
  const known = [...new Set([...Object.keys(EVENTS).filter((event) => asksFor(webhook.events, event)), ...found.deliveries.map(({ event }) => event), ...(search.event ? [search.event] : [])])];
  const events = known.map((id) => ({ id, text: EVENTS[id] ? t(EVENTS[id]) : id }));
  const states = DELIVERY_STATE_NAMES.map((id) => ({ id, text: t(DELIVERY_STATES[id].word) }));
  return (
    <section>
      <h2 className="pb-2 text-lg font-bold">
        <Trans>Deliveries</Trans>
      </h2>
      <FilterBar>
        <FilterSelect label={t`State`} all={t`Every state`} options={states} value={search.state} onChange={(state) => onChange({ state })} />
        <FilterSelect label={t`Event`} all={t`Every event`} options={events} value={search.event} onChange={(event) => onChange({ event })} />
      </FilterBar>
      <Results found={found} isFiltered={Object.keys(filter).length > 0} onClear={() => onChange({ state: undefined, event: undefined })} onOpen={({ id }) => onChange({ delivery: id })} />
    </section>
  );
}

interface ResultsProps {
  found: ReturnType<typeof useDeliveries>;
  isFiltered: boolean;
  onClear: () => void;
  onOpen: (delivery: Delivery) => void;
}

function Results({ found, isFiltered, onClear, onOpen }: ResultsProps) {
  const { t } = useLingui();
  const { deliveries, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = found;
  if (error && deliveries.length === 0) return <ErrorView error={error} effect={t`The deliveries cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the deliveries…`} />;
  return (
    <div className="jadval">
      {deliveries.length > 0 && <DeliveryTable deliveries={deliveries} onOpen={onOpen} onEnd={() => void (hasNextPage && !isFetchingNextPage && fetchNextPage())} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {deliveries.length === 0 && isFiltered && <NothingFound title={t`No delivery is like that`} onClear={onClear} />}
      {deliveries.length === 0 && !isFiltered && (
        <Empty title={t`Nothing was sent yet`}>
          <Trans>What happens from now on, of what it asks for, stands here for thirty days. A test goes out at once.</Trans>
        </Empty>
      )}
    </div>
  );
}
