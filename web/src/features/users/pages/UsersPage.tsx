// Everybody with an account: a list, and one person or an invitation beside it.

import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useCallback } from 'react';
import { useIsAdmin } from '../../../lib/user';
import { buttonStyle } from '../../../ui/Button';
import { NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { UserFilters } from '../components/UserFilters';
import { UserTable } from '../components/UserTable';
import { usePeople } from '../hooks';
import type { UsersSearch } from '../search';

const NewUser = lazy(async () => ({ default: (await import('../components/NewUser')).NewUser }));
const UserPanel = lazy(async () => ({ default: (await import('../components/UserPanel')).UserPanel }));

const route = getRouteApi('/users');

const CALLS = [
  { path: '/api/v1/users' },
  { method: 'POST', path: '/api/v1/users', body: { name: 'Sara', email: 'sara@example.org', role: 'operator' } },
] as const;

export function UsersPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (more: Partial<UsersSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true }),
    [navigate],
  );
  const mayChange = useIsAdmin();
  const tools = mayChange && (
    <Link from="/users" to="/users" search={(old) => ({ ...old, invite: 'yes' as const })} className={buttonStyle('plain')}>
      <Trans>Invite somebody</Trans>
    </Link>
  );
  return (
    <>
      <PageHead title={t`Users`} note={!mayChange && <Trans>Only administrators change them.</Trans>} tools={tools} calls={CALLS} />
      <UserFilters search={search} onChange={change} />
      <Results search={search} onClear={() => change({ q: undefined, role: undefined, state: undefined })} />
      {mayChange && (
        <Suspense fallback={null}>
          {search.invite && <NewUser onClose={() => change({ invite: undefined })} />}
          {search.user && <UserPanel key={search.user} id={search.user} onClose={() => change({ user: undefined })} />}
        </Suspense>
      )}
    </>
  );
}

function Results({ search, onClear }: { search: UsersSearch; onClear: () => void }) {
  const { t } = useLingui();
  const { people, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = usePeople(search);
  if (error) return <ErrorView error={error} effect={t`The people cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the people…`} />;
  return (
    <section className="jadval">
      {people.length > 0 && <UserTable people={people} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {people.length === 0 && !isFetchingNextPage && <NothingFound title={t`Nobody is like that`} onClear={onClear} />}
    </section>
  );
}
