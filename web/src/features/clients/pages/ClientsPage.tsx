// Who may connect, who is connected, paused or blocked: as a list, as a board, and by their seats.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Upload, UserPlus } from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, type ReactNode } from 'react';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { buttonStyle } from '../../../ui/Button';
import { Waiting } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { totals as allTotals, type Totals } from '../api';
import { ClientList } from '../components/ClientList';
import { ProblemsNote } from '../components/ProblemsNote';
import { toFilter, type ClientsSearch, type View } from '../search';

const Board = lazy(async () => ({ default: (await import('../components/Board')).Board }));
const Figures = lazy(async () => ({ default: (await import('../components/Figures')).Figures }));
const Problems = lazy(async () => ({ default: (await import('../components/Problems')).Problems }));
const Seats = lazy(async () => ({ default: (await import('../components/Seats')).Seats }));
const NewClient = lazy(async () => ({ default: (await import('../components/NewClient')).NewClient }));
const ImportClients = lazy(async () => ({ default: (await import('../components/ImportClients')).ImportClients }));

const route = getRouteApi('/clients');

export function ClientsPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayRun = useMayRun();
  const change = useCallback(
    (more: Partial<ClientsSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }),
    [navigate],
  );
  const close = () => change({ make: undefined });
  return (
    <>
      <PageHead title={t`Clients`} tools={mayRun && <Tools />} calls={callsOf(search)} />
      <Views now={search.view ?? 'list'} />
      {search.view !== 'problems' && <ProblemsNote />}
      <Answered query={useQuery(allTotals())} reading={t`Reading the clients…`} effect={t`The clients cannot be shown.`}>
        {(totals) => <Shown search={search} totals={totals} onChange={change} />}
      </Answered>
      {mayRun && (
        <Suspense fallback={null}>
          {search.make === 'client' && <NewClient onClose={close} />}
          {search.make === 'import' && <ImportClients onClose={close} />}
        </Suspense>
      )}
    </>
  );
}

const OF_VIEW = { board: '/api/v1/clients/stream', seats: '/api/v1/clients/assignments', figures: '/api/v1/clients/analytics', problems: '/api/v1/clients/problems' };

const callsOf = (search: ClientsSearch) => {
  const query = new URLSearchParams(toFilter(search) as Record<string, string>).toString();
  return [
    { path: search.view ? OF_VIEW[search.view] : `/api/v1/clients${query && `?${query}`}` },
    { method: 'POST', path: '/api/v1/clients/bulk', body: { action: 'pause', clients: [{ username: 'ali' }], reason: 'exam' } },
  ] as const;
};

function Tools() {
  return (
    <>
      <Link from="/clients" to="/clients" search={(old) => ({ ...old, make: 'import' as const })} className={buttonStyle('plain')}>
        <Upload size={16} aria-hidden />
        <Trans>Import…</Trans>
      </Link>
      <Link from="/clients" to="/clients" search={(old) => ({ ...old, make: 'client' as const })} className={buttonStyle('plain')}>
        <UserPlus size={16} aria-hidden />
        <Trans>Add a client</Trans>
      </Link>
    </>
  );
}

interface Props {
  search: ClientsSearch;
  totals: Totals;
  onChange: (search: Partial<ClientsSearch>) => void;
}

function Shown({ search, totals, onChange }: Props): ReactNode {
  const { t } = useLingui();
  const { state, q, source, room, view } = search;
  const filter = useMemo(() => toFilter({ state, q, source, room }), [state, q, source, room]);
  const waiting = <Waiting label={t`Opening the page…`} />;
  switch (view) {
    case 'board':
      return (
        <Suspense fallback={waiting}>
          <Board totals={totals} />
        </Suspense>
      );
    case 'figures':
      return (
        <Suspense fallback={waiting}>
          <Figures search={search} onChange={onChange} />
        </Suspense>
      );
    case 'problems':
      return (
        <Suspense fallback={waiting}>
          <Problems />
        </Suspense>
      );
    case 'seats':
      return (
        <Suspense fallback={waiting}>
          <Seats />
        </Suspense>
      );
    default:
      return <ClientList search={search} filter={filter} totals={totals} onChange={onChange} />;
  }
}

const VIEW =
  'flex min-h-10 items-center gap-2 border-b-3 border-transparent px-3 text-ink-2 hover:text-ink ' +
  'aria-[current=page]:border-lajvard aria-[current=page]:font-semibold aria-[current=page]:text-ink';

const VIEWS: readonly View[] = ['list', 'board', 'seats', 'figures', 'problems'];

/** Problems are one of them only while one looks at them: a line leads there when there are any. */
function Views({ now }: { now: View }) {
  const { t } = useLingui();
  const views: Record<View, string> = { list: t`List`, board: t`Board`, seats: t`Seats`, figures: t`Figures`, problems: t`Problems` };
  return (
    <nav aria-label={t`Ways to look at them`} className="mb-4 flex flex-wrap border-b border-line">
      {VIEWS.filter((view) => view !== 'problems' || view === now).map((view) => (
        <Link
          key={view}
          from="/clients"
          to="/clients"
          search={view === 'list' ? {} : { view }}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          aria-current={view === now ? 'page' : undefined}
          className={VIEW}
        >
          {views[view]}
        </Link>
      ))}
    </nav>
  );
}
