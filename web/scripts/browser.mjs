// Runs the checks in browsers, or the files that are named. They wait for real programs, as all other tests:
// a file in which something fails is tried once more, alone, and is named FLAKY where it passes then.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPORTER = fileURLToPath(new URL('failed.mjs', import.meta.url));
const ALL = ['room/browser/', 'src/browser/'];

/** The exit code, null where a signal ended the run, and the files where something failed. */
function run(files, concurrency) {
  const folder = mkdtempSync(join(tmpdir(), 'dabir-browser-'));
  const list = join(folder, 'failed');
  writeFileSync(list, '');
  const reports = ['--test-reporter=tap', '--test-reporter-destination=stdout', `--test-reporter=${REPORTER}`, `--test-reporter-destination=${list}`];
  const { status } = spawnSync(process.execPath, ['--test', '--test-force-exit', `--test-concurrency=${concurrency}`, ...reports, ...files], { stdio: 'inherit' });
  const failed = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  rmSync(folder, { recursive: true });
  return { status, failed };
}

const named = process.argv.slice(2);
const { status, failed } = run(named.length ? named : ALL, 2);
if (status === 0) process.exit(0);
// A run that was cut short, or fails without the name of a file of tests, has nothing that is tried again.
const again = status === 1 && failed.length > 0 && failed.every((file) => file.endsWith('.test.mjs'));
if (!again || run(failed, 1).status !== 0) process.exit(1);
for (const file of failed) console.log(`FLAKY ${file}`);
