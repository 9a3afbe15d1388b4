// The university's people: searched by parts of names and numbers, however they are spelt.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { NAMES } from '../../../lib/sources';
import { Checkboxes } from '../../../ui/Checkboxes';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { FilterBar } from '../../../ui/Filters';
import { PageHead } from '../../../ui/PageHead';
import { SearchField } from '../../../ui/SearchField';
import { Choice } from '../../../ui/Select';
import { listPeople, type Directory } from '../api';
import { PeopleTable } from '../components/PeopleTable';
import { directoryOf, toFilter, type DirectorySearch } from '../search';

const route = getRouteApi('/directory');

export function DirectoryPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const directory = directoryOf(search.of);
  const query = new URLSearchParams(Object.entries(toFilter(search)).map(([name, value]) => [name, String(value)])).toString();
  const calls = [{ path: `/api/v1/directory/${directory}${query && `?${query}`}` }];
  return (
    <>
      <PageHead title={t`Directory`} calls={calls} />
      <Filters search={search} directory={directory} />
      <Results search={search} directory={directory} />
    </>
  );
}

interface Props {
  search: DirectorySearch;
  directory: Directory;
}

function useChange() {
  const navigate = route.useNavigate();
  return useCallback((more: Partial<DirectorySearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }), [navigate]);
}

function Filters({ search, directory }: Props) {
  const { t } = useLingui();
  const change = useChange();
  const find = useCallback((q: string) => change({ q: q || undefined }), [change]);
  const options = (['students', 'faculty'] as const).map((id) => ({ id, text: NAMES[id] ? t(NAMES[id]) : id }));
  return (
    <FilterBar>
      <Choice label={t`Whose`} options={options} value={directory} onChange={(of) => change({ of: of === 'students' ? undefined : of })} />
      <SearchField label={t`Search names and numbers`} value={search.q ?? ''} onChange={find} />
      <Checkboxes
        label={t`Also`}
        isLabelHidden
        options={[{ id: 'gone', text: t`Also those who are gone` }]}
        value={search.gone ? ['gone'] : []}
        onChange={(chosen) => change({ gone: chosen.length > 0 ? 'yes' : undefined })}
      />
    </FilterBar>
  );
}

function Results({ search, directory }: Props) {
  const { t } = useLingui();
  const change = useChange();
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(listPeople(directory, toFilter(search)));
  const people = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  if (error && people.length === 0) return <ErrorView error={error} effect={t`The directory cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the directory…`} />;
  return (
    <section className="jadval">
      {people.length > 0 && <PeopleTable directory={directory} people={people} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {people.length === 0 && search.q && <NothingFound title={t`Nobody has this name or number`} onClear={() => change({ q: undefined })} />}
      {people.length === 0 && !search.q && <Nobody directory={directory} />}
    </section>
  );
}

function Nobody({ directory }: { directory: Directory }) {
  const { t } = useLingui();
  const action = (
    <Link to="/sync/$name" params={{ name: directory }} className="text-lajvard underline">
      <Trans>See the sync</Trans>
    </Link>
  );
  return (
    <Empty title={t`Nobody is here yet`} action={action}>
      <Trans>People come with the first sync.</Trans>
    </Empty>
  );
}
