// All documents that one may see, by their places and folders.

import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FilePlus2, FolderPlus, FolderTree } from 'lucide-react';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useMayWrite } from '../../../lib/user';
import { Button, IconButton } from '../../../ui/Button';
import { SidePanel } from '../../../ui/Overlay';
import { PageHead } from '../../../ui/PageHead';
import { SearchField } from '../../../ui/SearchField';
import { createFolder } from '../api';
import { BringIn } from '../components/BringIn';
import { DocumentList } from '../components/DocumentList';
import { usePlaceNames } from '../components/Names';
import { Places } from '../components/Places';
import { useFolders, useRenew } from '../hooks';
import { may, wayTo } from '../model';
import { toFilter, type DocumentsSearch } from '../search';

const FolderMenu = lazy(async () => ({ default: (await import('../components/FolderMenu')).FolderMenu }));
const NewDocument = lazy(async () => ({ default: (await import('../components/NewDocument')).NewDocument }));
const TitleBox = lazy(async () => ({ default: (await import('../components/TitleBox')).TitleBox }));

const route = getRouteApi('/documents');

export function DocumentsPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const folders = useFolders();
  const mayWrite = useMayWrite();
  const { place, folder, q } = search;
  const here = folders.find(({ id }) => id === folder);
  const mayMake = mayWrite && (!here || may(here.right, 'edit'));
  const filter = useMemo(() => toFilter({ place, folder, q, make: undefined }), [place, folder, q]);
  const change = useCallback((more: Partial<DocumentsSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }), [navigate]);
  const find = useCallback((words: string) => change({ q: words || undefined }), [change]);
  const make = mayMake && (
    <Button weight="primary" onPress={() => change({ make: 'document' })}>
      <FilePlus2 size={16} aria-hidden />
      <Trans>New document</Trans>
    </Button>
  );
  const tools = (
    <>
      {make}
      {mayMake && <BringIn folder={folder ?? null} />}
      {mayMake && (
        <IconButton aria-label={t`New folder…`} onPress={() => change({ make: 'folder' })}>
          <FolderPlus size={18} aria-hidden />
        </IconButton>
      )}
      <Suspense fallback={null}>{here && <FolderMenu folder={here} />}</Suspense>
    </>
  );
  return (
    <>
      <PageHead title={t`Documents`} tools={tools} calls={callsOf(search)} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-6 lg:grid-cols-[13rem_minmax(0,1fr)]">
        <aside className="max-lg:hidden">
          <Places search={search} />
        </aside>
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-3 pb-4">
            <Drawer search={search} />
            <Way search={search} />
            <span className="grow sm:grow-0 lg:ms-auto">
              <SearchField label={t`Search by title`} value={q ?? ''} onChange={find} />
            </span>
          </div>
          <DocumentList key={JSON.stringify(filter)} filter={filter} search={search} make={make} onClear={() => change({ q: undefined })} />
        </div>
      </div>
      <Made search={search} onClose={() => change({ make: undefined })} />
    </>
  );
}

/** Where one is, and the folders around it. */
function Way({ search: { place, folder } }: { search: DocumentsSearch }) {
  const names = usePlaceNames();
  const folders = useFolders();
  const way = folder ? wayTo(folders, folder) : [];
  const last = way.at(-1);
  return (
    <h2 className="min-w-0 text-lg font-bold wrap-anywhere">
      {way.slice(0, -1).map(({ id, title }) => (
        <span key={id}>
          <Link to="/documents" search={{ folder: id }} className="font-normal text-lajvard hover:underline">
            <bdi>{title}</bdi>
          </Link>
          <span aria-hidden className="px-1.5 text-ink-3">
            ⁄
          </span>
        </span>
      ))}
      {last ? <bdi>{last.title}</bdi> : place ? names[place] : <Trans>All documents</Trans>}
    </h2>
  );
}

/** The places where there is no room for them beside the list. */
function Drawer({ search }: { search: DocumentsSearch }) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <span className="lg:hidden">
      <IconButton aria-label={t`Places and folders`} onPress={() => setOpen(true)}>
        <FolderTree size={18} aria-hidden />
      </IconButton>
      <SidePanel title={t`Places and folders`} isOpen={isOpen} onClose={close} isAtStart>
        <Places search={search} onGo={close} />
      </SidePanel>
    </span>
  );
}

/** What is made on this page. */
function Made({ search: { make, folder }, onClose }: { search: DocumentsSearch; onClose: () => void }) {
  const { t } = useLingui();
  const navigate = route.useNavigate();
  const renew = useRenew();
  const mayWrite = useMayWrite();
  const folderMade = async (title: string) => {
    await createFolder({ title, ...(folder && { parent: folder }) });
    await renew();
  };
  if (!mayWrite) return null;
  return (
    <Suspense fallback={null}>
      {make === 'document' && <NewDocument folder={folder ?? null} onMade={({ id }) => void navigate({ to: '/documents/$id', params: { id }, replace: true })} onClose={onClose} />}
      {make === 'folder' && <TitleBox title={t`New folder`} label={t`Name of the folder`} submit={t`Make`} effect={t`The folder was not made.`} onSend={folderMade} onClose={onClose} />}
    </Suspense>
  );
}

const callsOf = (search: DocumentsSearch) => {
  const query = new URLSearchParams(toFilter(search) as Record<string, string>).toString();
  return [{ path: `/api/v1/documents${query && `?${query}`}` }, { path: '/api/v1/documents/folders' }, { method: 'POST', path: '/api/v1/documents', body: { title: '…', text: '# …' } }] as const;
};
