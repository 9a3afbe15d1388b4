// Whether what one sees is what is: live, or broken and since when.

import { Trans } from '@lingui/react/macro';
import { useSyncExternalStore } from 'react';
import { Status } from '../ui/Status';
import { Time } from '../ui/Text';
import type { Line } from './live';

export function LiveMark({ line }: { line: Line }) {
  const state = useSyncExternalStore(line.watch, () => line.state);
  const online = useSyncExternalStore(watchNetwork, () => navigator.onLine);
  return (
    <div role="status">
      {state.name === 'live' && (
        <Status tone="live">
          <Trans context="what is shown is what is">Live</Trans>
        </Status>
      )}
      {state.name === 'opening' && (
        <Status tone="wait">
          <Trans>Connecting</Trans>
        </Status>
      )}
      {state.name === 'broken' && (
        <Status tone="warn">
          {online ? (
            <Trans>
              Reconnecting since <Time at={state.since} style="clock" />
            </Trans>
          ) : (
            <Trans>
              Offline since <Time at={state.since} style="clock" />
            </Trans>
          )}
        </Status>
      )}
    </div>
  );
}

function watchNetwork(watcher: () => void): () => void {
  window.addEventListener('online', watcher);
  window.addEventListener('offline', watcher);
  return () => {
    window.removeEventListener('online', watcher);
    window.removeEventListener('offline', watcher);
  };
}
