// All backups: when, how good, how large, and what can be done with each.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { Download, ShieldCheck } from 'lucide-react';
import { download } from '../../../api/download';
import { isolateLtr } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Button, IconButton } from '../../../ui/Button';
import { useFailure } from '../../../ui/failure';
import { Status } from '../../../ui/Status';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Job } from '../../jobs/api';
import { backupAddress, type Backup } from '../api';
import { useBackupActions } from '../hooks';
import { checkOf, STATES } from '../model';

const GRID = 'md:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)_minmax(0,1fr)_auto]';

interface Props {
  backups: readonly Backup[];
  alive: readonly Job[];
  onRestore: (backup: Backup) => void;
}

export function BackupTable({ backups, alive, onRestore }: Props) {
  const { t } = useLingui();
  const columns: Column<Backup>[] = [
    { id: 'made', name: t`Made`, cell: (backup) => <Made backup={backup} />, className: 'max-md:col-span-2' },
    { id: 'state', name: t`State`, cell: (backup) => <State backup={backup} check={checkOf(alive, backup.name)} />, className: 'max-md:col-span-2' },
    { id: 'holds', name: t`Holds`, cell: (backup) => <Holds backup={backup} />, className: 'text-ink-2 tabular max-md:self-center' },
    { id: 'tools', name: t`What can be done`, isNameHidden: true, cell: (backup) => <Tools backup={backup} isChecked={Boolean(checkOf(alive, backup.name))} onRestore={onRestore} />, className: 'md:w-56' },
  ];
  return <Table label={t`Backups`} rows={backups} rowKey={({ name, state }) => `${state} ${name}`} columns={columns} grid={GRID} />;
}

function Made({ backup: { name, made_at } }: { backup: Backup }) {
  return (
    <>
      {made_at && (
        <span className="block font-semibold tabular">
          <Time at={made_at} style="moment" />
        </span>
      )}
      <Mono className="text-ink-2 wrap-anywhere">{name}</Mono>
    </>
  );
}

function State({ backup: { state, verified_at, error }, check }: { backup: Backup; check: Job | undefined }) {
  const { t } = useLingui();
  const { tone, word } = STATES[state];
  return (
    <>
      {check ? (
        <Status tone="wait">
          <Trans>Being verified</Trans>
        </Status>
      ) : (
        <Status tone={tone}>{t(word)}</Status>
      )}
      {verified_at && !check && (
        <span className="block text-sm text-ink-2 tabular">
          <Time at={verified_at} style="full" />
        </span>
      )}
      {error && (
        <bdi lang="en" className="block text-sm text-ink-2 wrap-anywhere">
          {error}
        </bdi>
      )}
    </>
  );
}

function Holds({ backup: { size_bytes, rows, files, version } }: { backup: Backup }) {
  const formats = useFormats();
  return (
    <>
      <span className="block">{formats.bytes(size_bytes)}</span>
      {rows != null && files != null && (
        <span className="block text-sm">
          {formats.list([plural(rows, { one: '# row', other: '# rows' }), plural(files, { one: '# file', other: '# files' })])}
        </span>
      )}
      {version && (
        <span className="block text-sm">
          <Trans>
            by version <Mono>{version}</Mono>
          </Trans>
        </span>
      )}
    </>
  );
}

function Tools({ backup, isChecked, onRestore }: { backup: Backup; isChecked: boolean; onRestore: (backup: Backup) => void }) {
  const { t } = useLingui();
  const { verify } = useBackupActions();
  const failure = useFailure();
  const name = isolateLtr(backup.name);
  // What is wrong with it was seen already, and it stands aside.
  if (backup.state === 'failed') return null;
  return (
    <span className="flex items-center justify-end gap-1">
      <IconButton aria-label={t`Verify ${name}`} isDisabled={isChecked} onPress={() => void verify(backup.name)}>
        <ShieldCheck size={17} aria-hidden />
      </IconButton>
      <IconButton aria-label={t`Download ${name}`} onPress={() => void download(backupAddress(backup.name)).catch(failure(t`Nothing was saved.`))}>
        <Download size={17} aria-hidden />
      </IconButton>
      <Button size="small" aria-label={t`Restore ${name}…`} onPress={() => onRestore(backup)}>
        <Trans>Restore…</Trans>
      </Button>
    </span>
  );
}
