// Backups for the browser tests: one that is verified, one that nobody looked at yet, and one that was not made.

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './clients.mjs';
import { job, write } from './jobs.mjs';

export async function furnishBackups(dabir) {
  await dabir.api('POST', '/backups');
  const newest = async () => (await dabir.api('GET', '/backups')).items[0];
  await until(newest);
  const { name } = await newest();
  const shelf = join(dabir.data, 'backups');
  await copyFile(join(shelf, name), join(shelf, 'dabir_20261101_000000.tar.zst'));
  const now = Date.now() + 1_000;
  const last_error = 'the disk is full: 1.2 GiB are needed in /srv/dabir/data/backups, and 300 MiB are free';
  write(dabir, { job: [job(900, { kind: 'backup', queue: 'backup', state: 'failed', attempts: 3, errors: 3, last_error, started_at: now, ended_at: now })] });
}
