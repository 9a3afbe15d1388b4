// Fails when the page has grown past what it may weigh.

import { readdirSync, statSync } from 'node:fs';

const folder = new URL('../dist/room/', import.meta.url);
const names = readdirSync(folder);
const weigh = (pattern) => names.filter((name) => pattern.test(name)).reduce((sum, name) => sum + statSync(new URL(name, folder)).size, 0);

const budgets = [
  ['script, fa, gzip', weigh(/^(fa|shared)-.*\.js\.gz$/), 15_000],
  ['script, en, gzip', weigh(/^(en|shared)-.*\.js\.gz$/), 15_000],
  ['style, gzip', weigh(/\.css\.gz$/), 25_000],
  ['fonts', weigh(/\.woff2$/), 85_000],
];

for (const [what, bytes, limit] of budgets) {
  const verdict = bytes > 0 && bytes <= limit ? 'ok' : 'TOO MUCH';
  console.log(`${what.padEnd(18)} ${String(bytes).padStart(7)} of ${limit} bytes  ${verdict}`);
  if (verdict !== 'ok') process.exitCode = 1;
}
