// The list of clients with its filters, and what is done with those that are chosen.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { buttonStyle } from '../../../ui/Button';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import type { Filter, Totals } from '../api';
import { useClients } from '../hooks';
import type { Asked } from '../model';
import { NONE, type ClientsSearch } from '../search';
import { useSelection } from '../selection';
import { ClientFilters } from './ClientFilters';
import { ClientTable } from './ClientTable';

const BulkBar = lazy(async () => ({ default: (await import('./BulkBar')).BulkBar }));
const GiveOrder = lazy(async () => ({ default: (await import('./GiveOrder')).GiveOrder }));

interface Props {
  search: ClientsSearch;
  filter: Filter;
  totals: Totals;
  onChange: (search: Partial<ClientsSearch>) => void;
}

export function ClientList({ search, filter, totals, onChange }: Props) {
  const isFiltered = Object.keys(filter).length > 0;
  if (totals.all === 0 && !isFiltered) return <NoClients />;
  return (
    <>
      <ClientFilters search={search} totals={totals} onChange={onChange} />
      <Results key={JSON.stringify(filter)} filter={filter} totals={totals} onClear={() => onChange(NONE)} />
      {totals.all > 0 && <KeysNote />}
    </>
  );
}

/** As many as the filter finds, where the totals say it. */
function totalOf({ q, source, room, state }: Filter, totals: Totals): number | undefined {
  if (q || source || room) return undefined;
  return state ? totals[state] : totals.all;
}

function Results({ filter, totals, onClear }: Pick<Props, 'filter' | 'totals'> & { onClear: () => void }) {
  const { t } = useLingui();
  const { clients, more, error, isPending, isFetchingNextPage, hasNextPage, refetch } = useClients(filter);
  const selection = useSelection(clients);
  const [asked, setAsked] = useState<Asked | null>(null);
  if (error && clients.length === 0) return <ErrorView error={error} effect={t`The clients cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the clients…`} />;
  const total = hasNextPage ? totalOf(filter, totals) : clients.length;
  return (
    <>
      <section className="jadval">
        {clients.length > 0 && <ClientTable clients={clients} total={total} selection={selection} onOrder={(order, client) => setAsked({ order, clients: [client] })} onEnd={more} />}
        {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
        {clients.length === 0 && !isFetchingNextPage && <NothingFound title={t`No client is like that`} onClear={onClear} />}
      </section>
      <Suspense fallback={null}>
        {selection.clients.length > 0 && <BulkBar selection={selection} filter={filter} total={total} onOrder={(order, clients) => setAsked({ order, clients })} />}
        {asked && <GiveOrder {...asked} onClose={() => setAsked(null)} onDone={selection.clear} />}
      </Suspense>
    </>
  );
}

function KeysNote() {
  if (!useMayRun()) return null;
  return (
    <p className="pt-2 text-sm text-ink-3 pointer-coarse:hidden">
      <Trans>
        On a row: <kbd>X</kbd> chooses, <kbd>P</kbd> pauses or resumes, <kbd>B</kbd> blocks or unblocks, <kbd>D</kbd> disconnects.
      </Trans>
    </p>
  );
}

function NoClients() {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const actions = mayRun && (
    <div className="flex flex-wrap justify-center gap-2">
      <Link from="/clients" to="/clients" search={{ make: 'client' as const }} className={buttonStyle('primary')}>
        <Trans>Add a client</Trans>
      </Link>
      <Link from="/clients" to="/clients" search={{ make: 'import' as const }} className={buttonStyle('plain')}>
        <Trans>Import…</Trans>
      </Link>
    </div>
  );
  return (
    <section className="jadval">
      <Empty title={t`No client yet`} action={actions}>
        <Trans>
          Clients are those who may connect. They come here when they enter a room, from a file, from the directory or a folder when the settings say so, or are added by hand.
        </Trans>
      </Empty>
    </section>
  );
}
