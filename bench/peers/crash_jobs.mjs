// Jobs whose worker is killed, as each queue comes.
//
//     crash_jobs.mjs bullmq|pg-boss|graphile WHERE make JOBS
//     crash_jobs.mjs bullmq|pg-boss|graphile WHERE hold|quick LINES
//
// WHERE: Redis's port, or postgres://…. Workers work for ever; `hold` ends no job. They write a line for each job that
// they begin: its number, and the seconds since 1970.

import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [queue, where, mode, what] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const SLOTS = 8;
const numbers = Array.from({ length: mode === 'make' ? Number(what) : 0 }, (_, n) => ({ n }));

async function begin({ n }) {
  appendFileSync(what, `${n} ${(Date.now() / 1_000).toFixed(3)}\n`);
  if (mode === 'hold') await new Promise(() => {});
}

async function bullmq() {
  const { Queue, Worker } = require('bullmq');
  const connection = { host: '127.0.0.1', port: Number(where), maxRetriesPerRequest: null };
  if (mode === 'make') await new Queue('number', { connection }).addBulk(numbers.map((data) => ({ name: 'number', data })));
  else new Worker('number', ({ data }) => begin(data), { connection, concurrency: SLOTS });
}

async function pgBoss() {
  const PgBoss = require('pg-boss');
  const boss = new PgBoss({ connectionString: where });
  await boss.start();
  await boss.createQueue('number');
  if (mode === 'make') await boss.insert(numbers.map((data) => ({ name: 'number', data })));
  else await boss.work('number', { batchSize: SLOTS, pollingIntervalSeconds: 0.5 }, (jobs) => Promise.all(jobs.map(({ data }) => begin(data))));
}

async function graphile() {
  const { run, makeWorkerUtils, Logger } = require('graphile-worker');
  const worker = { connectionString: where, concurrentJobs: SLOTS, logger: new Logger(() => () => {}) };
  const utils = await makeWorkerUtils({ connectionString: where, logger: worker.logger });
  await utils.migrate();
  if (mode === 'make') await utils.addJobs(numbers.map((payload) => ({ identifier: 'number', payload })));
  else await run({ preset: { worker }, taskList: { number: begin } });
}

await { bullmq, 'pg-boss': pgBoss, graphile }[queue]();
if (mode === 'make') process.exit(0);
