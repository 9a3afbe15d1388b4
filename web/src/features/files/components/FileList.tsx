// The list of files, and what is done with those that are chosen.

import { Trans, useLingui } from '@lingui/react/macro';
import { lazy, Suspense, type ReactNode } from 'react';
import { useMayWrite } from '../../../lib/user';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import type { Filter } from '../api';
import { useFiles, useSelection } from '../hooks';
import { FileTable } from './FileTable';

const BulkBar = lazy(async () => ({ default: (await import('./BulkBar')).BulkBar }));

interface Props {
  filter: Filter;
  /** The button that asks for files. */
  choose: ReactNode;
  onClear: () => void;
}

export function FileList({ filter, choose, onClear }: Props) {
  const { t } = useLingui();
  const { files, more, error, isPending, isFetchingNextPage, hasNextPage, refetch } = useFiles(filter);
  const selection = useSelection(files);
  if (error && files.length === 0) return <ErrorView error={error} effect={t`The files cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the files…`} />;
  return (
    <>
      <section className="jadval">
        {files.length > 0 && <FileTable files={files} hasMore={hasNextPage} selection={selection} onEnd={more} />}
        {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
        {files.length === 0 && !isFetchingNextPage && <Nothing filter={filter} choose={choose} onClear={onClear} />}
      </section>
      <Suspense fallback={null}>{selection.ids.size > 0 && <BulkBar selection={selection} isBin={filter.deleted ?? false} all={files.map(({ id }) => id)} />}</Suspense>
      {files.length > 0 && <KeysNote />}
    </>
  );
}

function Nothing({ filter, choose, onClear }: Props) {
  const { t } = useLingui();
  const { deleted, ...others } = filter;
  if (Object.keys(others).length > 0) return <NothingFound title={t`No file is like that`} onClear={onClear} />;
  if (deleted) {
    return (
      <Empty title={t`Nothing is deleted`}>
        <Trans>What is deleted can be had back from here for thirty days.</Trans>
      </Empty>
    );
  }
  return (
    <Empty title={t`No file yet`} action={choose}>
      <Trans>Drop files anywhere on this page, paste them, or choose them. Their text is taken out and looked through, so that they can be found and judged.</Trans>
    </Empty>
  );
}

function KeysNote() {
  if (!useMayWrite()) return null;
  return (
    <p className="pt-2 text-sm text-ink-3 pointer-coarse:hidden">
      <Trans>
        On a row: <kbd>Enter</kbd> opens, <kbd>X</kbd> chooses; <kbd>J</kbd> and <kbd>K</kbd> go down and up. Files can be dropped anywhere on this page.
      </Trans>
    </p>
  );
}
