// Backups of the whole house: how good the newest one is, all of them, and how one is brought back.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Archive } from 'lucide-react';
import { useState } from 'react';
import { useFormats } from '../../../lib/reader';
import { useIsAdmin } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { Status, type Tone } from '../../../ui/Status';
import { Mono, Time } from '../../../ui/Text';
import type { Job } from '../../jobs/api';
import { backups, work, type Backup, type BackupPage, type Work } from '../api';
import { BackupTable } from '../components/BackupTable';
import { RestoreBox } from '../components/RestoreBox';
import { useBackupActions } from '../hooks';
import { isMaking, isStanding, newestGood } from '../model';

const CALLS = [{ path: '/api/v1/backups' }, { method: 'POST', path: '/api/v1/backups' }, { method: 'POST', path: '/api/v1/backups/NAME/verify' }] as const;

export function BackupsPage() {
  const { t } = useLingui();
  const isAdmin = useIsAdmin();
  return (
    <>
      <PageHead title={t`Backups`} note={<Trans>The database, the files and the keys of the house, in one file each.</Trans>} tools={isAdmin && <Make />} calls={CALLS} />
      {isAdmin ? <Shown /> : <ForAdmins />}
    </>
  );
}

function ForAdmins() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`This is for administrators`}>
        <Trans>Whoever has a backup has the keys of the house, so only administrators see them.</Trans>
      </Empty>
    </section>
  );
}

function Make() {
  const { make } = useBackupActions();
  const isPending = useQuery(work()).data?.alive.some(isMaking) ?? false;
  return (
    <Button weight="primary" isPending={isPending} onPress={() => void make()}>
      <Archive size={16} aria-hidden />
      <Trans>Make one now</Trans>
    </Button>
  );
}

const NO_WORK: Work = { alive: [], failed: undefined };

function Shown() {
  const { t } = useLingui();
  const query = useQuery(backups());
  const { alive, failed } = useQuery(work()).data ?? NO_WORK;
  const [restoring, setRestoring] = useState<Backup | null>(null);
  return (
    <Answered query={query} reading={t`Reading the backups…`} effect={t`The backups cannot be shown.`}>
      {(page) => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <State page={page} failed={failed} making={alive.find(isMaking)} />
          <section className="jadval">{page.items.length > 0 ? <BackupTable backups={page.items} alive={alive} onRestore={setRestoring} /> : <NoBackups />}</section>
          {restoring && <RestoreBox backup={restoring} onClose={() => setRestoring(null)} />}
        </div>
      )}
    </Answered>
  );
}

function NoBackups() {
  const { t } = useLingui();
  return (
    <Empty title={t`There is no backup yet`}>
      <Trans>
        The house makes one by itself as its{' '}
        <Link to="/schedules" className="text-lajvard underline">
          schedule
        </Link>{' '}
        says, opens it and counts what is in it. You can make the first one now; nothing is stopped for it.
      </Trans>
    </Empty>
  );
}

/** One sentence about how safe the house is, then what is being done and what failed. */
function State({ page, failed, making }: { page: BackupPage; failed: Job | undefined; making: Job | undefined }) {
  const good = newestGood(page, Date.now());
  const standing = isStanding(failed, good?.backup) && !making ? failed : undefined;
  return (
    <section className="jadval grid gap-2 px-4 py-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Verdict good={good} hasFailed={standing !== undefined} />
        {good ? <Newest backup={good.backup} /> : <Trans>There is no verified backup.</Trans>}
      </p>
      {making && <Making job={making} />}
      {standing && <Failed job={standing} />}
    </section>
  );
}

function Verdict({ good, hasFailed }: { good: ReturnType<typeof newestGood>; hasFailed: boolean }) {
  const { t } = useLingui();
  const [tone, word]: [Tone, string] = hasFailed
    ? ['bad', t`The last one failed`]
    : !good
      ? ['bad', t`Without a backup`]
      : good.isOld
        ? ['warn', t`The newest one is old`]
        : ['live', t`All is well`];
  return <Status tone={tone}>{word}</Status>;
}

function Newest({ backup: { made_at } }: { backup: Backup }) {
  const formats = useFormats();
  if (!made_at) return null;
  return (
    <span>
      <Trans>
        The newest verified backup is of <Time at={made_at} style="moment" />, {formats.ago(made_at, Date.now())}.
      </Trans>
    </span>
  );
}

function Making({ job }: { job: Job }) {
  const formats = useFormats();
  const done = job.progress?.done;
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-3 text-ink-2">
      {job.state === 'running' ? <Trans>A backup is being made.</Trans> : <Trans>A backup waits for a worker.</Trans>}
      {done ? <span className="tabular">{formats.bytes(done)}</span> : null}
      <JobLink job={job} />
    </p>
  );
}

function Failed({ job }: { job: Job }) {
  return (
    <p className="flex flex-wrap items-baseline gap-x-3">
      <Trans>The last one was not made:</Trans>
      <bdi lang="en" className="min-w-0 wrap-anywhere text-ink-2">
        {job.last_error}
      </bdi>
      <JobLink job={job} />
    </p>
  );
}

function JobLink({ job: { id } }: { job: Job }) {
  return (
    <Link to="/jobs/$id" params={{ id: String(id) }} className="text-lajvard underline">
      <Trans>
        Job <Mono>{id}</Mono>
      </Trans>
    </Link>
  );
}
