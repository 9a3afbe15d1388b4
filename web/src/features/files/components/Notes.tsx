// What one has to know of a file before all else: it is deleted, cannot be read, is being read, or is not what its name says.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { cx } from '../../../ui/cx';
import { Time } from '../../../ui/Text';
import type { FileProblem, StoredFile } from '../api';
import { FAILURES } from '../found';
import { isUnderway } from '../model';

export function Notes({ file }: { file: StoredFile }) {
  const { deleted_at, state, error, mismatch } = file;
  return (
    <>
      {deleted_at && (
        <Note tone="warn">
          <p className="font-bold">
            <Trans>It was deleted.</Trans>
          </p>
          <p className="text-ink-2">
            <Trans>
              Since <Time at={deleted_at} style="moment" />. It can be had back for thirty days.
            </Trans>
          </p>
        </Note>
      )}
      {state === 'failed' && error && <Failed error={error} />}
      {isUnderway(file) && !deleted_at && (
        <Note>
          <p role="status">
            {state === 'waiting' ? <Trans>It is stored, and its analysis waits for its turn.</Trans> : <Trans>It is being analysed.</Trans>} <Trans>What is found comes here by itself.</Trans>
          </p>
        </Note>
      )}
      {state === 'stored' && (
        <Note>
          <p>
            <Trans>It is stored. Nothing here reads files of its kind.</Trans>
          </p>
        </Note>
      )}
      {mismatch && (
        <Note tone="warn">
          <p>
            <Trans>Its name ends as files of another kind do. What it is, its content says.</Trans>
          </p>
        </Note>
      )}
    </>
  );
}

const TONES = { calm: 'border-line bg-sunken', warn: 'border-zaferan bg-zaferan-soft', bad: 'border-anar bg-anar-soft' };

function Note({ tone = 'calm', children }: { tone?: keyof typeof TONES; children: ReactNode }) {
  return (
    <div role="note" className={cx('grid gap-1 rounded-md border px-4 py-3', TONES[tone])}>
      {children}
    </div>
  );
}

function Failed({ error: { code, detail } }: { error: FileProblem }) {
  const { t } = useLingui();
  const known = FAILURES[code];
  return (
    <Note tone="bad">
      <p className="font-bold">
        <Trans>Its content cannot be read.</Trans>
      </p>
      <p>{known ? t(known.why) : <bdi lang="en">{detail}</bdi>}</p>
      {known && <p className="text-ink-2">{t(known.todo)}</p>}
      {known && (
        <p className="text-sm text-ink-2">
          <bdi lang="en">{detail}</bdi>
        </p>
      )}
      <p className="text-sm text-ink-2">
        <Trans>It can be downloaded all the same.</Trans>
      </p>
    </Note>
  );
}
