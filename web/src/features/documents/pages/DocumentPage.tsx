// One document: its title and text, who is in it, and what stands beside it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Editor as Text } from '@tiptap/core';
import { PanelRight, RotateCcw, Share2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useMayWrite } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button, IconButton } from '../../../ui/Button';
import { Empty, Waiting } from '../../../ui/Empty';
import { SidePanel } from '../../../ui/Overlay';
import { PageHead } from '../../../ui/PageHead';
import { useIsWide } from '../../tasks/hooks';
import { oneDocument, type Detail } from '../api';
import type { Begun } from '../components/Comments';
import { StarButton } from '../components/Names';
import { Title } from '../components/Title';
import { useDocumentDeeds } from '../deeds';
import { useSelf } from '../hooks';
import { may } from '../model';
import type { DocumentSearch } from '../search';

const DocumentMenu = lazy(async () => ({ default: (await import('../components/DocumentMenu')).DocumentMenu }));
const Paper = lazy(async () => ({ default: (await import('../components/Paper')).Paper }));
const Side = lazy(async () => ({ default: (await import('../components/Side')).Side }));
const ShareBox = lazy(async () => ({ default: (await import('../components/ShareBox')).ShareBox }));
const VersionPanel = lazy(async () => ({ default: (await import('../components/VersionPanel')).VersionPanel }));

const route = getRouteApi('/documents/$id');

export function DocumentPage() {
  const { t } = useLingui();
  const { id } = route.useParams();
  const query = useQuery(oneDocument(id));
  return (
    <>
      {query.data ? <Around document={query.data} /> : <AllDocuments />}
      {query.data ? <Head document={query.data} /> : <PageHead title={t`Document`} calls={[{ path: `/api/v1/documents/${id}` }]} />}
      <Answered query={query} reading={t`Reading the document…`} effect={t`The document cannot be shown.`}>
        {(document) => (document.deleted_at ? <Deleted document={document} /> : <Whole key={document.id} document={document} />)}
      </Answered>
    </>
  );
}

function AllDocuments() {
  return (
    <Link to="/documents" className="inline-block py-1 text-lajvard hover:underline">
      <Trans>All documents</Trans>
    </Link>
  );
}

/** The folders around it, each a way back. */
function Around({ document: { path } }: { document: Detail }) {
  const { t } = useLingui();
  return (
    <nav aria-label={t`Where it is`} className="flex flex-wrap items-center gap-x-2">
      <AllDocuments />
      {path.map(({ id, title }) => (
        <span key={id} className="flex items-center gap-x-2">
          <span aria-hidden className="text-ink-3">
            ⁄
          </span>
          <Link to="/documents" search={{ folder: id }} className="inline-block py-1 text-lajvard hover:underline">
            <bdi>{title}</bdi>
          </Link>
        </span>
      ))}
    </nav>
  );
}

function Head({ document }: { document: Detail }) {
  const { t } = useLingui();
  const navigate = route.useNavigate();
  const mayWrite = useMayWrite();
  const [isSharing, setSharing] = useState(false);
  const { id, title, right, deleted_at } = document;
  const mayRename = mayWrite && may(right, 'edit') && !deleted_at;
  const path = `/api/v1/documents/${id}`;
  const calls = [{ path }, { path: `${path}/content?format=markdown` }, { method: 'PATCH', path, body: { title: '…', version: document.version } }, { path: `${path}/versions` }, { path: `${path}/comments` }] as const;
  const tools = (
    <>
      {!deleted_at && (
        <>
          <StarButton document={document} />
          <Button onPress={() => setSharing(true)}>
            <Share2 size={16} aria-hidden />
            <Trans>Share</Trans>
          </Button>
        </>
      )}
      <Suspense fallback={null}>{!deleted_at && <DocumentMenu document={document} onGone={() => void navigate({ to: '/documents' })} />}</Suspense>
      <Suspense fallback={null}>{isSharing && <ShareBox subject={{ kind: 'document', id, title, right }} onClose={() => setSharing(false)} />}</Suspense>
    </>
  );
  return <PageHead title={title} heading={mayRename ? <Title key={id} document={document} /> : <bdi>{title}</bdi>} note={document.template && t`New documents are made from this one.`} tools={tools} calls={calls} />;
}

function Deleted({ document }: { document: Detail }) {
  const { t } = useLingui();
  const { restore } = useDocumentDeeds();
  const mayRestore = useMayWrite() && may(document.right, 'own');
  const action = mayRestore && (
    <Button weight="primary" onPress={() => void restore(document)}>
      <RotateCcw size={16} aria-hidden />
      <Trans>Have back</Trans>
    </Button>
  );
  return (
    <section className="jadval">
      <Empty title={t`This document is deleted`} action={action}>
        <Trans>It can be had back for thirty days after that, with all its text.</Trans>
      </Empty>
    </section>
  );
}

function Whole({ document }: { document: Detail }) {
  const { t } = useLingui();
  const { side, version } = route.useSearch();
  const navigate = route.useNavigate();
  const isWide = useIsWide();
  const mayWrite = useMayWrite();
  const self = useSelf();
  const [text, setText] = useState<Text | null>(null);
  const [begun, setBegun] = useState<Begun | null>(null);
  const change = (more: Partial<DocumentSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false });
  const begin = () =>
    new Promise<string | null>((settled) => {
      begun?.settle(null);
      const { from, to } = text?.state.selection ?? { from: 0, to: 0 };
      const settle = (anchor: string | null) => {
        setBegun(null);
        settled(anchor);
      };
      setBegun({ quote: text?.state.doc.textBetween(from, to, ' ') ?? '', settle });
      change({ side: 'comments' });
    });
  const close = () => {
    begun?.settle(null);
    change({ side: undefined });
  };
  const beside = (shown: NonNullable<DocumentSearch['side']>, onClose: (() => void) | null) => (
    <Suspense fallback={<Waiting label={t`Opening…`} />}>
      <Side document={document} side={shown} text={text} begun={begun} onSide={(side) => change({ side })} onVersion={(version) => change({ version })} onClose={onClose} />
    </Suspense>
  );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 min-[820px]:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="min-w-0">
        <Suspense fallback={<Waiting label={t`Opening the text…`} />}>{self && <Paper document={document} self={self} onComment={mayWrite && may(document.right, 'comment') ? begin : null} onReady={setText} />}</Suspense>
      </div>
      {isWide ? (
        <aside aria-label={t`Beside the text`} className="jadval sticky top-3 max-h-[calc(100dvh-1.5rem)] overflow-y-auto p-3">
          {beside(side ?? 'outline', null)}
        </aside>
      ) : (
        <>
          <span className="fixed end-4 bottom-[calc(1rem+var(--dock))] z-20 rounded-md border border-line bg-surface shadow-over">
            <IconButton aria-label={t`Outline, comments and versions`} onPress={() => change({ side: 'comments' })}>
              <PanelRight size={18} aria-hidden className="mirror" />
            </IconButton>
          </span>
          <SidePanel title={t`Beside the text`} isOpen={side !== undefined && version === undefined} onClose={close}>
            {side && beside(side, () => change({ side: undefined }))}
          </SidePanel>
        </>
      )}
      <Suspense fallback={null}>{version !== undefined && <VersionPanel key={version} document={document} number={version} onClose={() => change({ version: undefined })} />}</Suspense>
    </div>
  );
}
