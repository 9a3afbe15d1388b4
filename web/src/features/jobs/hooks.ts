// What is done with jobs, queues and schedules, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { isolate, isolateLtr } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { cancelJob, cancelJobs, changeQueue, changeSchedule, fireSchedule, keys, listJobs, retryJob, retryJobs, type Filter, type Job, type Queue, type Schedule } from './api';
import type { Order } from './model';

/** The jobs of a list as one array. */
export function useJobs(filter: Filter) {
  const query = useInfiniteQuery(listJobs(filter));
  const jobs = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, jobs, total: query.data?.pages.at(-1)?.total };
}

/** Reads everything about jobs anew. */
export function useRenew() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.all });
}

export function useJobActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();

  const retry = async (job: Job) => {
    const id = isolateLtr(job.id);
    const waits = () => {
      tell(t`Job ${id} waits for a worker again.`);
      return renew();
    };
    await retryJob(job.id).then(waits, failure(t`Job ${id} was not tried again.`));
  };

  const cancel = async (job: Job) => {
    const id = isolateLtr(job.id);
    const asked = (now: Job) => {
      if (now.state === 'cancelled') tell(t`Job ${id} is cancelled.`, () => void retry(now));
      else tell(t`Job ${id} ends in a moment.`);
      return renew();
    };
    await cancelJob(job.id).then(asked, failure(t`Job ${id} was not cancelled.`));
  };

  /** Does to all that a filter finds what can be done to one. */
  const all = async (order: Order, filter: Filter) => {
    const done = ({ jobs }: { jobs: number }) => {
      tell(
        order === 'retry'
          ? plural(jobs, { one: '# job waits for a worker again.', other: '# jobs wait for workers again.' })
          : plural(jobs, { one: '# job is cancelled.', other: '# jobs are cancelled.' }),
      );
      return renew();
    };
    const failed = failure(order === 'retry' ? t`Not all of these jobs were tried again.` : t`Not all of these jobs were cancelled.`);
    await (order === 'retry' ? retryJobs(filter) : cancelJobs(filter)).then(done, failed);
  };

  return { retry, cancel, all };
}

export function useQueueActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();

  const pause = async (queue: Queue, reason: string) => {
    const name = isolate(queue.name);
    const paused = () => {
      tell(t`The queue ${name} is paused; what runs goes on to its end.`, () => void resume(queue));
      return renew();
    };
    await changeQueue(queue.name, { paused: true, ...(reason && { reason }) }).then(paused, failure(t`The queue ${name} was not paused.`));
  };

  const resume = async (queue: Queue) => {
    const name = isolate(queue.name);
    const resumed = () => {
      tell(t`The queue ${name} goes on.`);
      return renew();
    };
    await changeQueue(queue.name, { paused: false }).then(resumed, failure(t`The queue ${name} is still paused.`));
  };

  return { pause, resume };
}

export function useScheduleActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();

  const turn = async (schedule: Schedule, enabled: boolean) => {
    const name = isolate(schedule.name);
    const turned = () => {
      tell(enabled ? t`${name} runs by itself again.` : t`${name} does not run by itself any more.`, () => void turn(schedule, !enabled));
      return renew();
    };
    await changeSchedule(schedule.name, { enabled }).then(turned, failure(t`${name} stays as it was.`));
  };

  /** Tells the job that does it, which may be one that waited or ran already. */
  const fire = async (schedule: Schedule) => {
    const name = isolate(schedule.name);
    const fired = ({ is_new, job_id }: { is_new: boolean; job_id: number }) => {
      const id = isolateLtr(job_id);
      tell(is_new ? t`Job ${id} is made for ${name}.` : t`Job ${id} of ${name} waits or runs already, and is enough.`);
      return renew();
    };
    await fireSchedule(schedule.name).then(fired, failure(t`No job was made for ${name}.`));
  };

  return { turn, fire };
}
