// Where the house's data comes from: every source, how it does, and the button that syncs it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useIsAdmin } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { buttonStyle } from '../../../ui/Button';
import { Waiting } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { listSources, type Source } from '../api';
import { SourceCard } from '../components/SourceCard';
import { lacksLogin } from '../model';

const NewSource = lazy(async () => ({ default: (await import('../components/NewSource')).NewSource }));

const route = getRouteApi('/sync');

const CALLS = [{ path: '/api/v1/sources' }, { method: 'POST', path: '/api/v1/sources/students/sync', body: { mode: 'full' } }] as const;

export function SyncPage() {
  const { t } = useLingui();
  const { make } = route.useSearch();
  const isAdmin = useIsAdmin();
  if (make && isAdmin) {
    return (
      <Suspense fallback={<Waiting label={t`Opening the page…`} />}>
        <NewSource />
      </Suspense>
    );
  }
  return <Sources />;
}

function Sources() {
  const { t } = useLingui();
  const query = useQuery(listSources());
  const isAdmin = useIsAdmin();
  const tools = isAdmin && (
    <Link to="/sync" search={{ make: 'source' }} className={buttonStyle('plain')}>
      <Plus size={16} aria-hidden />
      <Trans>New source…</Trans>
    </Link>
  );
  return (
    <>
      <PageHead title={t`Data sync`} tools={tools} calls={CALLS} />
      <Answered query={query} reading={t`Reading the sources…`} effect={t`The sources cannot be shown.`}>
        {(sources) => <Whole sources={sources} />}
      </Answered>
    </>
  );
}

function Whole({ sources }: { sources: readonly Source[] }) {
  return (
    <div className="grid gap-4">
      {sources.every(({ last_run }) => !last_run) && <FirstSteps sources={sources} />}
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2">
        {sources.map((source) => (
          <SourceCard key={source.name} source={source} />
        ))}
      </ul>
    </div>
  );
}

/** While nothing was ever synced. */
function FirstSteps({ sources }: { sources: readonly Source[] }) {
  const isAdmin = useIsAdmin();
  return (
    <p className="max-w-[75ch] text-ink-2">
      <Trans>Nothing has come yet. A source asks a gateway for its rows and keeps a table here in step with them.</Trans>{' '}
      {sources.some(lacksLogin) &&
        (isAdmin ? (
          <Trans>Faculty and students are set up; give each its login, try the connection, then sync.</Trans>
        ) : (
          <Trans>Faculty and students are set up and wait for an administrator to give them their login.</Trans>
        ))}
    </p>
  );
}
