// The buttons of one job: what can be done in its state.

import { Trans } from '@lingui/react/macro';
import { Ban, Pencil, RotateCcw } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import type { Job } from '../api';
import { useJobActions } from '../hooks';
import { canCancel, isEnded } from '../model';

const EditRetry = lazy(async () => ({ default: (await import('./EditRetry')).EditRetry }));

export function JobActions({ job }: { job: Job }) {
  const mayRun = useMayRun();
  const { retry, cancel } = useJobActions();
  const [editing, setEditing] = useState(false);
  if (!mayRun) return null;
  return (
    <>
      {isEnded(job) && (
        <>
          <Button weight="primary" onPress={() => void retry(job)}>
            <RotateCcw size={16} aria-hidden />
            <Trans>Try it again</Trans>
          </Button>
          <Button onPress={() => setEditing(true)}>
            <Pencil size={16} aria-hidden />
            <Trans>Edit and try again…</Trans>
          </Button>
        </>
      )}
      {canCancel(job) && (
        <Button weight="danger" onPress={() => void cancel(job)}>
          <Ban size={16} aria-hidden />
          <Trans>Cancel the job</Trans>
        </Button>
      )}
      <Suspense fallback={null}>{editing && <EditRetry job={job} onClose={() => setEditing(false)} />}</Suspense>
    </>
  );
}
