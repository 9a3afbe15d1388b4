// A run, the last one or one of the history: how it goes, its partitions, what it found and what it changed.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Answered } from '../../../ui/Answered';
import { Empty } from '../../../ui/Empty';
import { Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import type { RunDetail, Source } from '../api';
import { oneRun } from '../runs';
import { Cells } from './Cells';
import { Changes } from './Changes';
import { Found } from './Found';
import { RunSummary } from './RunSummary';
import { Trouble } from './Trouble';

const route = getRouteApi('/sync/$name');

export function RunPart({ source }: { source: Source }) {
  const { run } = route.useSearch();
  const id = run ?? source.last_run?.id;
  return id === undefined ? <Never /> : <OneRun key={id} id={id} source={source} />;
}

function Never() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`It was never synced`}>
        <Trans>With the first sync, its partitions fill in here, one by one.</Trans>
      </Empty>
    </section>
  );
}

function OneRun({ id, source }: { id: number; source: Source }) {
  const { t } = useLingui();
  const query = useQuery(oneRun(id));
  return (
    <Answered query={query} reading={t`Reading the run…`} effect={t`The run cannot be shown.`}>
      {(run) => <Whole run={run} source={source} />}
    </Answered>
  );
}

function Whole({ run, source }: { run: RunDetail; source: Source }) {
  const { t } = useLingui();
  const isLast = run.id === source.last_run?.id;
  const didChange = run.new + run.changed + run.vanished > 0;
  return (
    <>
      {!isLast && <Older id={run.id} name={source.name} />}
      <Trouble run={run} isLast={isLast} />
      <Panel title={isLast ? t`Last run` : <RunTitle id={run.id} />}>
        <RunSummary run={run} />
      </Panel>
      <Cells cells={run.cells} />
      <Found notes={run.notes} />
      {didChange && <Changes run={run} />}
    </>
  );
}

function RunTitle({ id }: { id: number }) {
  return (
    <Trans>
      Run <Mono>{id}</Mono>
    </Trans>
  );
}

function Older({ id, name }: { id: number; name: string }) {
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-md bg-sunken px-4 py-2">
      <span>
        <Trans>
          This is run <Mono>{id}</Mono> of the history.
        </Trans>
      </span>
      <Link to="/sync/$name" params={{ name }} className="text-lajvard underline">
        <Trans>To the last run</Trans>
      </Link>
    </p>
  );
}
