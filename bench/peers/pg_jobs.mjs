// Queues on PostgreSQL drain jobs that do nothing.
//
//     pg_jobs.mjs URL graphile|graphile-batching|pg-boss|bullmq JOBS
//
// Prints jobs a second and CPU microseconds a job, of this process alone.

import { createRequire } from 'node:module';

const [url, queue, count] = [...process.argv.slice(2, 4), Number(process.argv[4])];
const AT_ONCE = 1_000;
const require = createRequire(import.meta.url);

const used = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Resolves when `done` was called `count` times. */
function counter() {
  let left = count;
  let resolve;
  const all = new Promise((found) => (resolve = found));
  return { all, done: (jobs = 1) => (left -= jobs) || resolve() };
}

/** As its page on performance says, with and without its batching; as it comes it works on one job at a time. */
async function graphile(batching) {
  const { run, makeWorkerUtils, Logger } = require('graphile-worker');
  const { all, done } = counter();
  const quiet = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger: quiet });
  await utils.migrate();
  for (let from = 0; from < count; from += AT_ONCE) {
    await utils.addJobs(Array.from({ length: Math.min(AT_ONCE, count - from) }, () => ({ identifier: 'nothing' })));
  }
  const batches = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const worker = { connectionString: url, logger: quiet, concurrentJobs: 24, maxPoolSize: 25, ...(batching ? batches : {}) };
  // Its jobs are gone when they are done.
  const isEmpty = async () => (await utils.withPgClient((pg) => pg.query('SELECT 1 FROM graphile_worker.jobs LIMIT 1'))).rowCount === 0;
  return {
    begin: () => run({ preset: { worker }, taskList: { nothing: async () => done() } }),
    all: async () => {
      await all;
      while (!(await isEmpty()));
    },
  };
}

/** Two workers that take a thousand jobs at a time and end them together, as often as it lets them look. */
async function pgBoss() {
  const PgBoss = require('pg-boss');
  const boss = new PgBoss({ connectionString: url });
  await boss.start();
  await boss.createQueue('nothing');
  for (let from = 0; from < count; from += AT_ONCE) {
    await boss.insert(Array.from({ length: Math.min(AT_ONCE, count - from) }, () => ({ name: 'nothing' })));
  }
  const { all, done } = counter();
  const options = { batchSize: AT_ONCE, pollingIntervalSeconds: 0.5 };
  const work = () => boss.work('nothing', options, async (jobs) => void done(jobs.length));
  const isDone = async () => (await boss.getQueueSize('nothing', { before: 'completed' })) === 0;
  return {
    begin: () => Promise.all([work(), work()]),
    all: async () => {
      await all;
      while (!(await isDone()));
    },
  };
}

async function bullmq() {
  const { Queue, Worker, createPostgresBackend, setDefaultBackendFactory } = require('bullmq');
  setDefaultBackendFactory(createPostgresBackend);
  const connection = { connectionString: url, max: 20, migrate: true };
  const jobs = new Queue('nothing', { connection });
  for (let from = 0; from < count; from += AT_ONCE) {
    await jobs.addBulk(Array.from({ length: Math.min(AT_ONCE, count - from) }, () => ({ name: 'nothing', data: {} })));
  }
  const { all, done } = counter();
  const begin = async () => new Worker('nothing', async () => {}, { connection, concurrency: 50 }).on('completed', () => done());
  return { begin, all: () => all };
}

const queues = {
  graphile: () => graphile(false),
  'graphile-batching': () => graphile(true),
  'pg-boss': pgBoss,
  bullmq,
};
const { begin, all } = await queues[queue]();
const [before, began] = [used(), performance.now()];
await begin();
await all();
const took = (performance.now() - began) / 1_000;
console.log(`done ${Math.round(count / took)} jobs/s`);
console.log(`cpu ${(((used() - before) / count) * 1e6).toFixed(2)} us/job`);
process.exit(0);
