// The runs of a source, the newest first.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { Empty, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { Panel } from '../../../ui/Panel';
import { Table, type Column } from '../../../ui/Table';
import { Time } from '../../../ui/Text';
import type { Run, Source } from '../api';
import { usePages } from '../hooks';
import { MODES } from '../model';
import { listRuns } from '../runs';
import { StatusMark } from './Names';

const GRID = 'md:grid-cols-[9.5rem_8rem_7.5rem_5rem_minmax(0,1fr)]';

export function History({ source }: { source: Source }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { rows, more, error, isPending, isFetchingNextPage, refetch } = usePages(listRuns(source.name));
  const columns: Column<Run>[] = [
    { id: 'at', name: t`Begun`, cell: (run) => <Begun run={run} /> },
    { id: 'status', name: t`State`, cell: ({ status }) => <StatusMark status={status} />, className: 'max-md:justify-self-end' },
    { id: 'mode', name: t`Asked for`, cell: ({ mode }) => t(MODES[mode].word), className: 'text-ink-2 max-md:hidden' },
    { id: 'took', name: t`Took`, cell: ({ duration_seconds }) => (duration_seconds == null ? '—' : formats.span(duration_seconds)), className: 'tabular text-ink-2 max-md:order-1 max-md:justify-self-end' },
    { id: 'what', name: t`What came of it`, cell: (run) => <Outcome run={run} />, className: 'text-ink-2' },
  ];
  if (error && rows.length === 0) return <ErrorView error={error} effect={t`The history cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the history…`} />;
  return (
    <Panel title={t`History`} flush>
      {rows.length === 0 ? <Empty title={t`It was never synced`} /> : <Table label={t`History`} rows={rows} rowKey={({ id }) => id} columns={columns} grid={GRID} onEnd={more} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
    </Panel>
  );
}

function Begun({ run }: { run: Run }) {
  return (
    <Link to="/sync/$name" params={{ name: run.source }} search={{ run: run.id }} className="font-semibold hover:text-lajvard after:absolute after:inset-0">
      <Time at={run.started_at ?? run.created_at} style="full" />
    </Link>
  );
}

function Outcome({ run: { new: fresh, changed, vanished, failed, error_message, status } }: { run: Run }) {
  const formats = useFormats();
  if (status === 'failed' && error_message) {
    return (
      <bdi lang="en" className="block truncate text-sm" title={error_message}>
        {error_message}
      </bdi>
    );
  }
  if (fresh + changed + vanished + failed === 0) return status === 'success' ? <Trans>Nothing was different.</Trans> : null;
  return (
    <span className="tabular">
      <Trans>
        {formats.number(fresh)} new, {formats.number(changed)} changed, {formats.number(vanished)} gone, {formats.number(failed)} not taken
      </Trans>
    </span>
  );
}
