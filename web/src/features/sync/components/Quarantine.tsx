// Rows that could not be taken: why, as they came, and what is done with them.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Empty, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { Json } from '../../../ui/Json';
import { Answers, Box, SidePanel } from '../../../ui/Overlay';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Quarantined, Source } from '../api';
import { usePages, useQuarantineActions } from '../hooks';
import { listQuarantined } from '../runs';

const GRID = 'md:grid-cols-[minmax(0,1.6fr)_9rem_8.5rem]';

export function Quarantine({ source }: { source: Source }) {
  const { t } = useLingui();
  const { rows, more, error, isPending, isFetchingNextPage, refetch } = usePages(listQuarantined(source.name));
  const [open, setOpen] = useState<Quarantined | null>(null);
  const columns: Column<Quarantined>[] = [
    { id: 'reason', name: t`Why`, cell: (row) => <Reason row={row} onOpen={() => setOpen(row)} />, className: 'max-md:col-span-2' },
    { id: 'label', name: t`Partition`, cell: ({ label }) => (label ? <Mono className="wrap-anywhere">{label}</Mono> : '—'), className: 'text-ink-2' },
    { id: 'at', name: t`Since`, cell: ({ at }) => <Time at={at} />, className: 'text-ink-2 tabular max-md:justify-self-end' },
  ];
  if (error && rows.length === 0) return <ErrorView error={error} effect={t`The quarantine cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the quarantine…`} />;
  if (rows.length === 0) return <Nobody />;
  return (
    <Panel title={t`Quarantine`} actions={<ForAll source={source} />} flush>
      <Table label={t`Quarantine`} rows={rows} rowKey={({ id }) => id} columns={columns} grid={GRID} total={source.quarantined} onEnd={more} />
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {open && <RowPanel row={open} onClose={() => setOpen(null)} />}
    </Panel>
  );
}

function Nobody() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`No row is in quarantine`}>
        <Trans>Rows that cannot be taken, such as one without its key, wait here with the reason; the others come all the same.</Trans>
      </Empty>
    </section>
  );
}

function Reason({ row: { reason }, onOpen }: { row: Quarantined; onOpen: () => void }) {
  return (
    <button type="button" onClick={onOpen} className="max-w-full text-start font-semibold cursor-pointer hover:text-lajvard after:absolute after:inset-0">
      <bdi lang="en" className="wrap-anywhere">
        {reason}
      </bdi>
    </button>
  );
}

function ForAll({ source: { name, quarantined } }: { source: Source }) {
  const { again, letGo } = useQuarantineActions(name);
  const [asking, setAsking] = useState(false);
  const { t } = useLingui();
  if (!useMayRun()) return null;
  const sure = () => {
    setAsking(false);
    void letGo();
  };
  return (
    <div className="flex flex-wrap gap-2">
      <Button size="small" onPress={() => void again(quarantined)}>
        <Trans>Try all again</Trans>
      </Button>
      <Button size="small" weight="danger" onPress={() => setAsking(true)}>
        <Trans>Let all go…</Trans>
      </Button>
      {asking && (
        <Box title={t`Let all of them go?`} isOpen onClose={() => setAsking(false)} role="alertdialog">
          <p>
            <Plural
              value={quarantined}
              one="# row is forgotten here. The gateway still has it, so it comes back here as long as it cannot be taken."
              other="# rows are forgotten here. The gateway still has them, so they come back here as long as they cannot be taken."
            />
          </p>
          <Answers>
            <Button onPress={() => setAsking(false)} autoFocus>
              <Trans>Leave them</Trans>
            </Button>
            <Button weight="danger" onPress={sure}>
              <Plural value={quarantined} one="Let # row go" other="Let # rows go" />
            </Button>
          </Answers>
        </Box>
      )}
    </div>
  );
}

function RowPanel({ row, onClose }: { row: Quarantined; onClose: () => void }) {
  const { t } = useLingui();
  const { again, letGo } = useQuarantineActions(row.source);
  const mayRun = useMayRun();
  const then = (deed: Promise<void>) => void deed.then(onClose);
  return (
    <SidePanel title={t`A row in quarantine`} isOpen onClose={onClose}>
      <Facts>
        <Fact name={t`Why`}>
          <bdi lang="en">{row.reason}</bdi>
        </Fact>
        {row.label && (
          <Fact name={t`Partition`}>
            <Mono>{row.label}</Mono>
          </Fact>
        )}
        <Fact name={t`Page`}>
          <Mono>{row.page}</Mono>
        </Fact>
        <Fact name={t`Since`}>
          <Time at={row.at} style="full" />
        </Fact>
      </Facts>
      <Json label={t`The row as it came`} value={parsed(row.raw)} />
      {mayRun && (
        <Answers>
          <Button weight="danger" onPress={() => then(letGo([row.id]))}>
            <Trans>Let it go</Trans>
          </Button>
          <Button weight="primary" onPress={() => then(again(1, [row.id]))}>
            <Trans>Try again</Trans>
          </Button>
        </Answers>
      )}
    </SidePanel>
  );
}

/** A long row is cut, and is no JSON then. */
function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}
