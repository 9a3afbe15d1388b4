// The saved states of the port file. Going back to one wants its name typed.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button, buttonStyle } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import { TypeName } from '../../../ui/TypeName';
import { backupAddress, backups } from '../api';
import { usePortActions } from '../hooks';

export function Backups() {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery(backups());
  const { restore } = usePortActions();
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Panel title={t`Backups`}>
      {error && <ErrorView error={error} effect={t`The backups cannot be shown.`} onRetry={() => void refetch()} />}
      {data?.backups.length === 0 && (
        <p className="text-ink-2">
          <Trans>There is none yet; one is made before every change.</Trans>
        </p>
      )}
      <ul className="max-h-80 overflow-y-auto">
        {data?.backups.map((name) => (
          <Backup key={name} name={name} onRestore={() => setChosen(name)} />
        ))}
      </ul>
      {chosen && (
        <TypeName title={t`Go back to this backup?`} name={chosen} deed={t`Restore`} isOpen onClose={() => setChosen(null)} onSure={() => restore(chosen)}>
          <Trans>Counters and history become those of the backup. Leases that hold now go on, and a backup of today's state is made first.</Trans>
        </TypeName>
      )}
    </Panel>
  );
}

function Backup({ name, onRestore }: { name: string; onRestore: () => void }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  return (
    <li className="flex items-center gap-2 border-t border-line py-1 first:border-t-0">
      <Mono className="min-w-0 flex-1 text-xs wrap-anywhere">{name}</Mono>
      <a href={backupAddress(name)} download={name} aria-label={t`Download ${name}`} className={buttonStyle('bare', 'sign')}>
        <Download size={16} aria-hidden />
      </a>
      {mayRun && (
        <Button size="small" aria-label={t`Restore ${name}…`} onPress={onRestore}>
          <Trans>Restore…</Trans>
        </Button>
      )}
    </li>
  );
}
