// How a backup is brought back: at the server, by a command, since the house must stand still for it.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { usePreferences } from '../../../lib/reader';
import { CopyButton } from '../../../ui/Calls';
import { cx } from '../../../ui/cx';
import { Box } from '../../../ui/Overlay';
import { Mono, Time } from '../../../ui/Text';
import type { Backup } from '../api';
import { restoreCommand } from '../model';

export function RestoreBox({ backup: { name, made_at, state }, onClose }: { backup: Backup; onClose: () => void }) {
  const { t } = useLingui();
  const { digits } = usePreferences().preferences;
  return (
    <Box title={t`Bring this backup back`} isOpen onClose={onClose}>
      <p>
        {made_at ? (
          <Trans>
            The house becomes as it was: <Time at={made_at} style="moment" />. What happened since is in no list any more.
          </Trans>
        ) : (
          <Trans>The house becomes as it was then. What happened since is in no list any more.</Trans>
        )}
      </p>
      {state === 'unverified' && (
        <p className="text-zaferan">
          <Trans>Nobody has verified it yet; the command does that before it changes anything.</Trans>
        </p>
      )}
      <ol className={cx('grid gap-2 ps-6', digits === 'arabext' ? 'list-[persian]' : 'list-decimal')}>
        <li>
          <Trans>Stop the server, its workers and the rooms; the command refuses while any of them runs.</Trans>
        </li>
        <li>
          <Trans>Run this at the server, as the owner of its folder:</Trans>
          <Command>{restoreCommand(name)}</Command>
        </li>
        <li>
          <Trans>Start the server.</Trans>
        </li>
      </ol>
      <p className="text-sm text-ink-2">
        <Trans>What is there now stays beside it, and the command says how to go back. Everybody signs in again; who was blocked since stays blocked, and tokens that were revoked stay so.</Trans>
      </p>
    </Box>
  );
}

function Command({ children }: { children: string }): ReactNode {
  return (
    <span className="mt-1 flex flex-wrap items-center justify-between gap-2 rounded-md bg-sunken p-3">
      <Mono className="wrap-anywhere">{children}</Mono>
      <CopyButton text={children} />
    </span>
  );
}
