// The saved states of the port file. Going back to one wants its name typed.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import type { components } from '../../../api/schema.gen';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button, buttonStyle } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Panel } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
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
        {data?.files.map((file) => (
          <Backup key={file.name} {...file} onRestore={() => setChosen(file.name)} />
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

function Backup({ name, at, size_bytes, onRestore }: components['schemas']['BackupView'] & { onRestore: () => void }) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayRun = useMayRun();
  return (
    <li className="flex items-center gap-2 border-t border-line py-1 first:border-t-0">
      <span className="min-w-0 flex-1">
        <span className="tabular">{at ? <Time at={at} style="full" /> : '—'}</span>
        <span className="flex flex-wrap gap-x-3 text-xs text-ink-2">
          <Mono className="text-xs wrap-anywhere">{name}</Mono> {formats.bytes(size_bytes)}
        </span>
      </span>
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
