// Who changed what, and when: the newest first, as far back as there is.

import { useLingui } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useFormats } from '../../../lib/reader';
import { NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import type { Entry } from '../api';
import { AuditFilters } from '../components/AuditFilters';
import { AuditTable } from '../components/AuditTable';
import { Chain } from '../components/Chain';
import { useAudit } from '../hooks';
import { toFilter, type AuditSearch } from '../search';

const Export = lazy(async () => ({ default: (await import('../components/Export')).Export }));
const EntryPanel = lazy(async () => ({ default: (await import('../components/EntryPanel')).EntryPanel }));

const route = getRouteApi('/audit');

const NONE: AuditSearch = { who: undefined, what: undefined, kind: undefined, id: undefined, from: undefined, to: undefined };

export function AuditPage() {
  const { t } = useLingui();
  const formats = useFormats();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [opened, setOpened] = useState<Entry | null>(null);
  const change = useCallback(
    (more: Partial<AuditSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true }),
    [navigate],
  );
  const only = (wanted: AuditSearch) => {
    setOpened(null);
    change({ ...NONE, ...wanted });
  };
  const filter = toFilter(search, formats);
  const query = new URLSearchParams(filter as Record<string, string>).toString();
  const audit = useAudit(search);
  return (
    <>
      <PageHead title={t`Audit`} calls={[{ path: `/api/v1/audit${query && `?${query}`}` }, { path: '/api/v1/audit/verify' }]} />
      <div className="flex items-start justify-between gap-3 pb-4">
        <Chain />
        <Suspense fallback={null}>
          <Export filter={filter} />
        </Suspense>
      </div>
      <AuditFilters search={search} entries={audit.entries} onChange={change} />
      <Results audit={audit} onOpen={setOpened} onClear={() => change(NONE)} />
      <Suspense fallback={null}>{opened && <EntryPanel entry={opened} onFilter={only} onClose={() => setOpened(null)} />}</Suspense>
    </>
  );
}

interface Props {
  audit: ReturnType<typeof useAudit>;
  onOpen: (entry: Entry) => void;
  onClear: () => void;
}

function Results({ audit, onOpen, onClear }: Props) {
  const { t } = useLingui();
  const { entries, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = audit;
  if (error) return <ErrorView error={error} effect={t`The changes cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the changes…`} />;
  return (
    <section className="jadval">
      {entries.length > 0 && <AuditTable entries={entries} onOpen={onOpen} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {entries.length === 0 && <NothingFound title={t`No change is like that`} onClear={onClear} />}
    </section>
  );
}
