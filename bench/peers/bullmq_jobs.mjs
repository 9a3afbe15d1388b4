// BullMQ on Redis: drains no-ops, or tells how long each job of an open loop waited.
//
//     bullmq_jobs.mjs PORT drain JOBS
//     bullmq_jobs.mjs PORT latency RATE SECONDS

import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const [port, mode, ...words] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
const redis = new Redis(connection);
const queue = new Queue('jobs', { connection });
const CONCURRENCY = 50;
const AT_ONCE = 1_000;

const used = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function redisCpu() {
  const info = await redis.info('cpu');
  return Number(/used_cpu_user:([\d.]+)/.exec(info)[1]) + Number(/used_cpu_sys:([\d.]+)/.exec(info)[1]);
}

async function drain(count) {
  for (let from = 0; from < count; from += AT_ONCE) {
    await queue.addBulk(Array.from({ length: Math.min(AT_ONCE, count - from) }, () => ({ name: 'nothing', data: {} })));
  }
  const before = used() + (await redisCpu());
  const began = performance.now();
  let done = 0;
  await new Promise((resolve) => {
    const worker = new Worker('jobs', async () => {}, { connection, concurrency: CONCURRENCY });
    worker.on('completed', () => ++done === count && resolve());
  });
  const took = (performance.now() - began) / 1_000;
  const cpu = used() + (await redisCpu()) - before;
  console.log(`done ${Math.round(count / took)} jobs/s`);
  console.log(`cpu ${((cpu / count) * 1e6).toFixed(2)} us/job`);
}

async function latency(rate, seconds) {
  const waits = [];
  const worker = new Worker('jobs', async ({ data }) => waits.push(performance.now() - data.asked), { connection, concurrency: CONCURRENCY });
  await worker.waitUntilReady();
  const zero = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    const wait = zero + (n * 1_000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    queue.add('stamp', { asked: performance.now() });
  }
  while (waits.length < rate * seconds) await new Promise((resolve) => setTimeout(resolve, 10));
  waits.sort((a, b) => a - b);
  const at = (share) => waits[Math.floor((waits.length - 1) * share)].toFixed(2);
  console.log(`p50 ${at(0.5)} ms`);
  console.log(`p99 ${at(0.99)} ms`);
}

await { drain, latency }[mode](...words.map(Number));
process.exit(0);
