// One job: how it goes, what it writes, how its attempts ended; in the margin what it was asked and what came of it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { isolateLtr } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { Json } from '../../../ui/Json';
import { PageHead } from '../../../ui/PageHead';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Progress } from '../../../ui/Progress';
import { Mono, Time } from '../../../ui/Text';
import { oneJob, type Job, type JobDetail } from '../api';
import { Attempts } from '../components/Attempts';
import { JobActions } from '../components/JobActions';
import { JobLog } from '../components/JobLog';
import { KindName, StateMark } from '../components/Names';
import { isEnded, KINDS, scheduleOf } from '../model';

const route = getRouteApi('/jobs/$id');

export function JobPage() {
  const { t } = useLingui();
  const { id } = route.useParams();
  const query = useQuery(oneJob(Number(id)));
  return (
    <>
      <Link to="/jobs" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All jobs</Trans>
      </Link>
      {query.data ? <Head job={query.data} /> : <PageHead title={t`Job`} calls={[{ path: `/api/v1/jobs/${id}` }]} />}
      <Answered query={query} reading={t`Reading the job…`} effect={t`The job cannot be shown.`}>
        {(job) => <Whole job={job} />}
      </Answered>
    </>
  );
}

function Whole({ job }: { job: JobDetail }) {
  const { t } = useLingui();
  const hasResult = job.result !== null && job.result !== undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Failure job={job} />
        {job.progress && (
          <Panel title={t`Progress`}>
            <Progress {...job} />
          </Panel>
        )}
        <Panel title={t`Log`}>
          <JobLog key={job.id} job={job} />
        </Panel>
        <Panel title={t`Attempts`}>
          <Attempts job={job} />
        </Panel>
      </div>
      <aside className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Panel title={t`Circumstances`}>
          <Circumstances job={job} />
        </Panel>
        <Panel title={t`Arguments`}>
          <Json label={t`Arguments`} value={job.args} />
        </Panel>
        {hasResult && (
          <Panel title={t`Result`}>
            <Json label={t`Result`} value={job.result} />
          </Panel>
        )}
      </aside>
    </div>
  );
}

function Head({ job }: { job: Job }) {
  const { t } = useLingui();
  const path = `/api/v1/jobs/${job.id}`;
  const calls = [{ path }, { path: `${path}/log` }, { method: 'POST', path: `${path}/retry`, body: { args: job.args ?? null } }, { method: 'POST', path: `${path}/cancel` }] as const;
  const id = isolateLtr(job.id);
  const word = KINDS[job.kind];
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <KindName kind={job.kind} />
      <StateMark job={job} />
    </span>
  );
  const note = (
    <Trans>
      Job <Mono>{job.id}</Mono> in the queue <Mono>{job.queue}</Mono>
    </Trans>
  );
  return <PageHead title={`${word ? t(word) : isolateLtr(job.kind)} ${id}`} heading={heading} note={note} tools={<JobActions job={job} />} calls={calls} />;
}

/** What keeps it from its end, or kept it. */
function Failure({ job }: { job: Job }) {
  const { state, last_error, run_at } = job;
  if (state === 'succeeded' || state === 'cancelled' || (!last_error && state !== 'set_aside')) return null;
  const tone = isEnded(job) ? 'border-anar bg-anar-soft' : 'border-zaferan bg-zaferan-soft';
  return (
    <div role="note" className={`grid gap-1 rounded-md border px-4 py-3 ${tone}`}>
      <p className="font-bold">
        {state === 'failed' && <Trans>It failed.</Trans>}
        {state === 'set_aside' && <Trans>Workers died of it three times, so it was set aside.</Trans>}
        {state === 'running' && <Trans>It failed before, and is tried again.</Trans>}
        {state === 'queued' && (
          <Trans>
            It failed before, and is tried again at <Time at={run_at} />.
          </Trans>
        )}
      </p>
      {last_error && (
        <bdi lang="en" className="whitespace-pre-wrap wrap-anywhere">
          {last_error}
        </bdi>
      )}
      {isEnded(job) && (
        <p className="text-ink-2">
          <Trans>Put the cause right, then try it again.</Trans>
        </p>
      )}
    </div>
  );
}

function Circumstances({ job }: { job: Job }) {
  const { t } = useLingui();
  const formats = useFormats();
  const schedule = scheduleOf(job);
  return (
    <Facts>
      <Fact name={t`Made`}>
        <Time at={job.created_at} style="full" />
      </Fact>
      <Fact name={t`Made by`}>
        {schedule ? (
          <Link to="/schedules" className="text-lajvard underline">
            <Trans>
              Schedule <bdi>{schedule}</bdi>
            </Trans>
          </Link>
        ) : (
          <bdi>{job.created_by}</bdi>
        )}
      </Fact>
      {job.state === 'queued' && (
        <Fact name={t`Not before`}>
          <Time at={job.run_at} style="full" />
        </Fact>
      )}
      {job.started_at && (
        <Fact name={t`Begun`}>
          <Time at={job.started_at} style="full" />
        </Fact>
      )}
      {job.ended_at && (
        <Fact name={t`Ended`}>
          <Time at={job.ended_at} style="full" />
        </Fact>
      )}
      <Fact name={t`Errors`}>
        <Trans>
          {formats.number(job.errors)} of {formats.number(job.max_attempts)}
        </Trans>
      </Fact>
      <Fact name={t`Crashes`}>{formats.number(job.crashes)}</Fact>
      <Fact name={t`Priority`}>{formats.number(job.priority)}</Fact>
      {job.worker && (
        <Fact name={t`Worker`}>
          <Mono>{job.worker}</Mono>
        </Fact>
      )}
      {job.unique_key && (
        <Fact name={t`Only one of`}>
          <Mono>{job.unique_key}</Mono>
        </Fact>
      )}
      {job.lane && (
        <Fact name={t`Lane`}>
          <Mono>{job.lane}</Mono>
        </Fact>
      )}
      <Fact name={t`Kind`}>
        <Mono>{job.kind}</Mono>
      </Fact>
    </Facts>
  );
}
