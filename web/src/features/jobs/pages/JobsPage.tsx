// What the house does in the background: queues, workers, and every job of the last weeks.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { Answered } from '../../../ui/Answered';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { queues as allQueues, workers as allWorkers, type Queue, type Worker } from '../api';
import { Bulk } from '../components/Bulk';
import { JobFilters } from '../components/JobFilters';
import { JobTable } from '../components/JobTable';
import { Now } from '../components/Now';
import { Queues } from '../components/Queues';
import { Workers } from '../components/Workers';
import { useJobs } from '../hooks';
import { sum } from '../model';
import { toFilter, type JobsSearch } from '../search';

const route = getRouteApi('/jobs');

const NONE: JobsSearch = { state: undefined, kind: undefined, queue: undefined, q: undefined };

export function JobsPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const query = new URLSearchParams(toFilter(search) as Record<string, string>).toString();
  const [queues, workers] = [useQuery(allQueues()), useQuery(allWorkers())];
  // All three are asked for at once, and the list waits below the others.
  const found = useJobs(toFilter(search));
  const words = { reading: t`Reading the jobs…`, effect: t`The jobs cannot be shown.` };
  const calls = [{ path: `/api/v1/jobs${query && `?${query}`}` }, { path: '/api/v1/queues' }, { path: '/api/v1/workers' }];
  return (
    <>
      <PageHead title={t`Background jobs`} calls={calls} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Answered query={queues} {...words}>
          {(queues) => (
            <Answered query={workers} {...words}>
              {(workers) => <Work queues={queues} workers={workers} />}
            </Answered>
          )}
        </Answered>
        {!queues.isPending && !workers.isPending && <Jobs search={search} queues={queues.data ?? []} found={found} />}
      </div>
    </>
  );
}

function Work({ queues, workers }: { queues: readonly Queue[]; workers: readonly Worker[] }) {
  const { t } = useLingui();
  return (
    <>
      <Now sum={sum(queues, workers)} />
      {queues.length > 0 && (
        <Panel title={t`Queues`} flush>
          <Queues queues={queues} />
        </Panel>
      )}
      {workers.length > 0 && (
        <Panel title={t`Workers`} flush>
          <Workers workers={workers} />
        </Panel>
      )}
    </>
  );
}

interface Props {
  search: JobsSearch;
  queues: readonly Queue[];
  found: ReturnType<typeof useJobs>;
}

function Jobs({ search, queues, found }: Props) {
  const navigate = route.useNavigate();
  const change = useCallback(
    (more: Partial<JobsSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }),
    [navigate],
  );
  const filter = toFilter(search);
  return (
    <section>
      <JobFilters search={search} queues={queues.map(({ name }) => name)} kinds={found.jobs.map(({ kind }) => kind)} onChange={change} />
      <div className="pb-4 empty:hidden">{found.jobs.length > 0 && <Bulk filter={filter} />}</div>
      <Results found={found} isFiltered={Object.keys(filter).length > 0} onClear={() => change(NONE)} />
    </section>
  );
}

interface ResultsProps {
  found: Props['found'];
  isFiltered: boolean;
  onClear: () => void;
}

function Results({ found, isFiltered, onClear }: ResultsProps) {
  const { t } = useLingui();
  const { jobs, total, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = found;
  if (error && jobs.length === 0) return <ErrorView error={error} effect={t`The jobs cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the jobs…`} />;
  return (
    <section className="jadval">
      {jobs.length > 0 && <JobTable jobs={jobs} total={total} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {jobs.length === 0 && isFiltered && <NothingFound title={t`No job is like that`} onClear={onClear} />}
      {jobs.length === 0 && !isFiltered && <NoJobs />}
    </section>
  );
}

function NoJobs() {
  const { t } = useLingui();
  return (
    <Empty title={t`Nothing is queued`}>
      <Trans>What takes longer than a click is done in the background and stands here, with what came of it.</Trans>
    </Empty>
  );
}
