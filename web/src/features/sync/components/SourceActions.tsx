// The buttons of one source: sync it, or end the run that it has.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Ban, KeyRound, RefreshCw } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useIsAdmin, useMayRun } from '../../../lib/user';
import { Button, buttonStyle } from '../../../ui/Button';
import { isOver, type Source } from '../api';
import { useNameOf, useRunActions } from '../hooks';
import { canSync, lacksLogin } from '../model';

const SyncBox = lazy(async () => ({ default: (await import('./SyncBox')).SyncBox }));

export function SourceActions({ source }: { source: Source }) {
  const { t } = useLingui();
  const name = useNameOf()(source.name);
  const { cancel } = useRunActions();
  const [asking, setAsking] = useState(false);
  const run = source.last_run && !isOver(source.last_run) ? source.last_run : null;
  if (!useMayRun()) return null;
  return (
    <>
      {lacksLogin(source) && <GiveLogin source={source} />}
      {canSync(source) && (
        <Button weight="primary" aria-label={t`Sync… (${name})`} onPress={() => setAsking(true)}>
          <RefreshCw size={16} aria-hidden />
          <Trans>Sync…</Trans>
        </Button>
      )}
      {run && (
        <Button weight="danger" aria-label={t`Cancel the sync (${name})`} onPress={() => void cancel(run)}>
          <Ban size={16} aria-hidden />
          <Trans>Cancel the sync</Trans>
        </Button>
      )}
      <Suspense fallback={null}>{asking && <SyncBox source={source} onClose={() => setAsking(false)} />}</Suspense>
    </>
  );
}

/** What a predefined source waits for. */
function GiveLogin({ source: { name, origin } }: { source: Source }) {
  const isAdmin = useIsAdmin();
  if (!isAdmin || origin === 'file') return null;
  return (
    <Link to="/sync/$name" params={{ name }} search={{ part: 'settings' }} className={buttonStyle('primary')}>
      <KeyRound size={16} aria-hidden />
      <Trans>Give it a login…</Trans>
    </Link>
  );
}
