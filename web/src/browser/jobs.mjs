// Jobs for the browser tests, written into the database beside the server: what makes them belongs to other parts of the
// product, and none of its workers knows kinds such as these, so they stay as they are until somebody does something.

import { execFileSync } from 'node:child_process';

const WRITE = `
import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=30)
for table, rows in json.load(sys.stdin).items():
    for row in rows:
        database.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
database.commit()
`;

/** `tables` are rows by the name of their table. */
export function write(dabir, tables) {
  execFileSync('python3', ['-c', WRITE, dabir.database], { input: JSON.stringify(tables) });
}

const MINUTE = 60_000;
const ago = (minutes) => Date.now() - minutes * MINUTE;

/** A row of the table of jobs; one that waits, unless it is said otherwise. */
export function job(id, { args = {}, progress, result, ...more } = {}) {
  const at = more.run_at ?? ago(30);
  return {
    id, kind: 'report.make', queue: 'reports', state: 'queued', priority: 0, rank: at, run_at: at, max_attempts: 5, attempts: 0, errors: 0, crashes: 0,
    created_by: 'system', created_at: ago(40), args: JSON.stringify(args),
    ...(progress && { progress: JSON.stringify(progress) }),
    ...(result && { result: JSON.stringify(result) }),
    ...more,
  };
}

export const queue = (name, more = {}) => ({ name, weight: 1, ...more });

const ERROR = 'the gateway answered 502 Bad Gateway three times for campus 1100, term 4001; the last words were: upstream connect error';
const line = (job_id, place, more = {}) => ({ job_id, attempt: 1, at: ago(5) + place * 1_000, level: 'info', line: `page ${place} of 122: 500 rows, 3 new`, ...more });

/** One of everything that the pages show. */
export function fill(dabir) {
  write(dabir, {
    job_queue: [queue('reports', { weight: 2, max_running: 4, rate: 0.5 }), queue('sync', { paused_at: ago(12), paused_by: 'Sara', pause_reason: 'درگاه تا ظهر در دست تعمیر است' })],
    job: [
      job(1, { kind: 'sync.run', queue: 'sync', state: 'succeeded', attempts: 1, args: { source: 'students' }, result: { new: 31, changed: 4, same: 60_965 }, started_at: ago(90), ended_at: ago(80), created_by: 'schedule sync:students' }),
      job(2, { state: 'failed', attempts: 5, errors: 5, args: { campus: '1100', terms: ['4001', '4002'], note: 'گزارش ماهانه' }, last_error: ERROR, worker_id: 'w7', started_at: ago(21), ended_at: ago(20), unique_key: 'report:1100', created_by: 'Sara' }),
      job(3, { state: 'set_aside', attempts: 3, crashes: 3, last_error: 'its worker died three times in a row', started_at: ago(16), ended_at: ago(15) }),
      job(4, { state: 'cancelled', attempts: 0, ended_at: ago(14) }),
      job(5, { run_at: ago(-600), lane: 'campus 1100', lane_limit: 1, priority: 5 }),
      job(6, { attempts: 1, errors: 1, last_error: 'the disk of the reports is full', run_at: ago(2) }),
      job(7, { kind: 'sync.run', queue: 'sync', state: 'running', attempts: 1, args: { source: 'students' }, progress: { done: 12_400, total: 61_000, stage: 'پردیس 1100 × ترم 4001' }, started_at: ago(6), created_by: 'schedule sync:students' }),
    ],
    job_attempt: [
      { job_id: 2, attempt: 3, worker: 'w3', outcome: 'crashed', error: null, started_at: null, ended_at: ago(29) },
      { job_id: 2, attempt: 4, worker: 'w3', outcome: 'timed_out', error: null, started_at: ago(28), ended_at: ago(24) },
      { job_id: 2, attempt: 5, worker: 'w7', outcome: 'failed', error: ERROR, started_at: ago(21), ended_at: ago(20) },
    ],
    job_log: [
      ...Array.from({ length: 40 }, (_, place) => line(7, place)),
      line(7, 41, { level: 'warn', line: 'درگاه آهسته پاسخ می‌دهد؛ waits 2 s' }),
      line(2, 1, { level: 'error', line: ERROR }),
    ],
    job_schedule: [
      schedule('sync:students', { every: 60 * MINUTE, last_at: ago(90), last_job_id: 1 }),
      schedule('sync:faculty', { cron: '30 2 * * sat,tue', catch_up: 'skip' }),
      schedule('reports:monthly', { kind: 'report.make', queue: 'reports', cron: '0 6 1-7 * sat', catch_up: 'all', enabled: 0 }),
    ],
  });
}

function schedule(name, more) {
  return { name, kind: 'sync.run', queue: 'sync', args: '{}', timezone: 'Asia/Tehran', catch_up: 'once', enabled: 1, next_at: ago(-45), ...more };
}
