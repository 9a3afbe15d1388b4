// What one is told of: the newest first, under its days; each line leads to what it is about.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { BellRing, CheckCheck, Keyboard } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Answered } from '../../../ui/Answered';
import { Button, buttonStyle, IconButton } from '../../../ui/Button';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import { PageHead } from '../../../ui/PageHead';
import { me } from '../../account/api';
import type { Line } from '../api';
import { InboxList, type Deed } from '../components/InboxList';
import { useInbox, useInboxDeeds } from '../hooks';
import { KINDS } from '../model';
import { KIND_NAMES, type InboxSearch } from '../search';

const SleepBox = lazy(async () => ({ default: (await import('../components/SleepBox')).SleepBox }));
const Keys = lazy(async () => ({ default: (await import('../components/Keys')).Keys }));

const route = getRouteApi('/inbox');

const CALLS = [
  { path: '/api/v1/notifications?unread=true' },
  { path: '/api/v1/notifications/count' },
  { method: 'POST', path: '/api/v1/notifications/seen', body: { until: '2026-11-22T09:00:00Z' } },
  { method: 'POST', path: '/api/v1/notifications/12/snooze', body: { until: '2026-11-23T04:30:00Z' } },
] as const;

export function InboxPage() {
  const { t } = useLingui();
  const person = useQuery(me());
  return (
    <Answered query={person} reading={t`Reading your inbox…`} effect={t`Your inbox cannot be shown.`}>
      {({ user }) => (user ? <Inbox /> : <Nobody />)}
    </Answered>
  );
}

function Nobody() {
  const { t } = useLingui();
  return (
    <>
      <PageHead title={t`Inbox`} calls={CALLS} />
      <section className="jadval">
        <Empty title={t`A program is signed in here`}>
          <Trans>This browser uses a token that belongs to no person, and only people are told of something.</Trans>
        </Empty>
      </section>
    </>
  );
}

function Inbox() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const found = useInbox(search, true);
  const { markSeen, markAllSeen, putToSleep, discard } = useInboxDeeds();
  const [sleeping, setSleeping] = useState<Line | null>(null);
  const [isHelping, setHelping] = useState(false);
  const change = (more: Partial<InboxSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false });
  useFirstKeys(() => setHelping(true));
  const deeds: Record<Deed, (line: Line) => void> = { seen: (line) => markSeen([line]), sleep: setSleeping, delete: discard };
  const hasUnread = found.lines.some(({ seen_at }) => !seen_at);
  return (
    <>
      <PageHead title={t`Inbox`} tools={<Tools hasUnread={hasUnread && !search.kind} onAllSeen={() => markAllSeen(found.lines)} onHelp={() => setHelping(true)} />} calls={CALLS} />
      <InboxFilters search={search} onChange={change} />
      <Lines found={found} search={search} onDeed={(deed, line) => deeds[deed](line)} onClear={() => change({ show: undefined, kind: undefined })} />
      <Suspense fallback={null}>
        {sleeping && <SleepBox line={sleeping} onSleep={(until) => putToSleep(sleeping, until)} onClose={() => setSleeping(null)} />}
        {isHelping && <Keys onClose={() => setHelping(false)} />}
      </Suspense>
    </>
  );
}

interface ToolsProps {
  hasUnread: boolean;
  onAllSeen: () => void;
  onHelp: () => void;
}

function Tools({ hasUnread, onAllSeen, onHelp }: ToolsProps) {
  const { t } = useLingui();
  return (
    <>
      <span className="pointer-coarse:hidden">
        <IconButton aria-label={t`Keys`} onPress={onHelp}>
          <Keyboard size={18} aria-hidden />
        </IconButton>
      </span>
      <Link to="/account/notifications" className={buttonStyle('plain')}>
        <BellRing size={17} aria-hidden />
        <Trans>What I hear of</Trans>
      </Link>
      <Button isDisabled={!hasUnread} onPress={onAllSeen}>
        <CheckCheck size={17} aria-hidden />
        <Trans>Mark all as seen</Trans>
      </Button>
    </>
  );
}

const VIEW =
  'flex min-h-10 items-center gap-2 border-b-3 border-transparent px-3 text-ink-2 hover:text-ink ' +
  'aria-[current=page]:border-lajvard aria-[current=page]:font-semibold aria-[current=page]:text-ink';

function InboxFilters({ search: { show, kind }, onChange }: { search: InboxSearch; onChange: (search: Partial<InboxSearch>) => void }) {
  const { t } = useLingui();
  const views = [
    [undefined, t`All`],
    ['unread', t`Unread`],
  ] as const;
  return (
    <>
      <nav aria-label={t`What is shown`} className="mb-4 flex flex-wrap border-b border-line">
        {views.map(([view, word]) => (
          <Link
            key={word}
            from="/inbox"
            to="/inbox"
            search={(old) => ({ ...old, show: view })}
            activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
            aria-current={view === show ? 'page' : undefined}
            className={VIEW}
          >
            {word}
          </Link>
        ))}
      </nav>
      <FilterBar>
        <FilterSelect label={t`About what`} all={t`About everything`} options={KIND_NAMES.map((id) => ({ id, text: t(KINDS[id].word) }))} value={kind} onChange={(kind) => onChange({ kind })} />
      </FilterBar>
    </>
  );
}

interface LinesProps {
  found: ReturnType<typeof useInbox>;
  search: InboxSearch;
  onDeed: (deed: Deed, line: Line) => void;
  onClear: () => void;
}

function Lines({ found, search, onDeed, onClear }: LinesProps) {
  const { t } = useLingui();
  const { lines, more, error, isPending, isFetchingNextPage, isReading, refetch } = found;
  if (error && lines.length === 0) return <ErrorView error={error} effect={t`Your inbox cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading your inbox…`} />;
  return (
    <section className="jadval">
      {lines.length > 0 && <InboxList lines={lines} onDeed={onDeed} onEnd={more} />}
      {(isFetchingNextPage || isReading) && <Waiting label={t`Reading more…`} />}
      {lines.length === 0 && !isReading && (search.kind ? <NothingFound title={t`Nothing is told of that`} onClear={onClear} /> : <NothingNew isUnread={search.show === 'unread'} onClear={onClear} />)}
    </section>
  );
}

function NothingNew({ isUnread, onClear }: { isUnread: boolean; onClear: () => void }) {
  const { t } = useLingui();
  const all = (
    <Button onPress={onClear}>
      <Trans>Show all</Trans>
    </Button>
  );
  return isUnread ? (
    <Empty title={t`You have seen everything`} action={all}>
      <Trans>What happens from now on stands here by itself.</Trans>
    </Empty>
  ) : (
    <Empty title={t`Nothing was told to you yet`}>
      <Trans>When somebody gives you a task, names you in a comment or shares a document with you, it stands here.</Trans>
    </Empty>
  );
}

const TYPED = 'input:not([type=checkbox]), textarea, select, [role=dialog], [role=alertdialog], [role=menu], [role=listbox]';

/** Wherever nobody types, `J` and `K` begin at the first line, and `?` tells the keys. */
function useFirstKeys(help: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest(TYPED)) return;
      if (event.code === 'Slash' && event.shiftKey) return event.preventDefault(), help();
      const first = document.querySelector<HTMLElement>('main [data-index] a');
      if ((event.code !== 'KeyJ' && event.code !== 'KeyK') || !first) return;
      event.preventDefault();
      first.focus();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  });
}
