// What was uploaded, by whom, and how far its analysis is; files are dropped anywhere on it.

import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo } from 'react';
import { useMayWrite } from '../../../lib/user';
import { Waiting } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { FileFilters } from '../components/FileFilters';
import { NONE, toFilter, type FilesSearch } from '../search';
import { uploads } from '../upload';
import { ChooseFiles } from '../upload/ChooseFiles';
import { DropHere } from '../upload/DropHere';

const FileList = lazy(async () => ({ default: (await import('../components/FileList')).FileList }));
const Tray = lazy(async () => ({ default: (await import('../upload/Tray')).Tray }));

const route = getRouteApi('/files');

const take = (files: File[]) => void uploads.add(files);

export function FilesPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMayWrite();
  const { q, kind, state, show } = search;
  const filter = useMemo(() => toFilter({ q, kind, state, show }), [q, kind, state, show]);
  const change = useCallback((more: Partial<FilesSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }), [navigate]);
  const choose = mayWrite && <ChooseFiles />;
  return (
    <>
      <PageHead title={t`Files`} tools={choose} calls={callsOf(search)} />
      <Suspense fallback={null}>{mayWrite && <Tray />}</Suspense>
      <FileFilters search={search} onChange={change} />
      <Suspense fallback={<Waiting label={t`Opening the page…`} />}>
        <FileList key={JSON.stringify(filter)} filter={filter} choose={choose} onClear={() => change(NONE)} />
      </Suspense>
      {mayWrite && (
        <DropHere onDrop={take}>
          <Trans>Let go to upload</Trans>
        </DropHere>
      )}
    </>
  );
}

const callsOf = (search: FilesSearch) => {
  const query = new URLSearchParams(toFilter(search) as Record<string, string>).toString();
  return [{ path: `/api/v1/files${query && `?${query}`}` }, { method: 'POST', path: '/api/v1/files/bulk', body: { action: 'analyse', ids: ['…'] } }] as const;
};
