// Fails when a page has grown past what it may weigh.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { builtStage, ENTRY } from '../src/browser/writing/stage.mjs';

const dist = new URL('../dist/', import.meta.url);
const size = (path) => statSync(new URL(path, dist)).size;

/** The participants' page: the weight of all files of a folder whose names match. */
function room(pattern) {
  const names = readdirSync(new URL('room/', dist)).filter((name) => pattern.test(name));
  return names.reduce((sum, name) => sum + size(`room/${name}`), 0);
}

const manifest = JSON.parse(readFileSync(new URL('console/.vite/manifest.json', dist), 'utf8'));
const SHELL = 'index.html';

/** A chunk and all that it cannot do without, and what is known to be there. */
function closure(key, known = [], chunks = manifest) {
  const found = new Set(known);
  const waiting = [key];
  for (const next of waiting) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(chunks[next].imports ?? []));
  }
  return found;
}

const weigh = (keys, suffix) => [...keys].reduce((sum, key) => sum + size(`console/${manifest[key].file}${suffix}`), 0);
const shell = closure(SHELL);
const WORDS = ['src/locales/fa.po', 'src/ui/aria/fa.ts'];

/** What a part adds to what is there already. */
const added = (key, there) => weigh([...closure(key)].filter((one) => !there.has(one)), '.gz');

const DATES = 'src/ui/dates/DatePicker.tsx';
/** What is there when a part comes: a panel opens over the page that has it, all else comes to the shell. */
function before(part) {
  const opener = Object.keys(manifest).find((key) => manifest[key].dynamicImports?.includes(part));
  return shell.has(opener) ? shell : closure(opener, shell);
}

/** The text of a document: it is the editor, which has a budget of its own. */
const PAPER = 'src/features/documents/components/Paper.tsx';
const parts = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry && key.endsWith('.tsx') && key !== DATES && key !== PAPER && !shell.has(key));
const files = new Set(Object.values(manifest).flatMap(({ file, css = [], assets = [] }) => [file, ...css, ...assets]));
const all = (pattern, suffix) => [...files].filter((file) => pattern.test(file)).reduce((sum, file) => sum + size(`console/${file}${suffix}`), 0);

/** The editor with its line to the server, on the page for tests: what a document adds to the shell. */
function editor(folder) {
  const chunks = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8'));
  const page = closure(ENTRY, [], chunks);
  const own = [...closure('src/browser/writing/stage/paper.tsx', page, chunks)].filter((key) => !page.has(key));
  const weight = (files) => files.reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0);
  const styles = [...new Set(Object.values(chunks).flatMap(({ css = [] }) => css))];
  const css = styles.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
  return { script: weight(own.map((key) => chunks[key].file)), style: weight(styles), css };
}

const { folder, clear } = await builtStage();
let writing;
try {
  writing = editor(folder);
} finally {
  await clear();
}

const budgets = [
  ['room, script fa, gzip', room(/^(fa|shared)-.*\.js\.gz$/), 15_000],
  ['room, script en, gzip', room(/^(en|shared)-.*\.js\.gz$/), 15_000],
  ['room, style, gzip', room(/\.css\.gz$/), 25_000],
  ['room, fonts', room(/\.woff2$/), 85_000],
  ['join page, script', size('join/join.js'), 6_000],
  ['join page, style', size('join/join.css'), 8_000],
  ['console, shell and words, gzip', weigh([...shell, ...WORDS], '.gz'), 185_000],
  ['console, style, gzip', all(/\.css$/, '.gz'), 25_000],
  ['console, fonts', all(/\.woff2$/, ''), 85_000],
  ...parts.map((part) => [`console, ${part.split('/').at(-1)}, gzip`, added(part, before(part)), 60_000]),
  ['editor, script, gzip', writing.script, 190_000],
  ['console, Paper.tsx with editor, gzip', added(PAPER, before(PAPER)), 190_000],
  ['console with editor, style, gzip', writing.style, 25_000],
  ['console, dates, gzip', added(DATES, closure('src/features/meetings/pages/MeetingsPage.tsx', shell)), 35_000],
];

for (const [what, bytes, limit] of budgets) {
  const verdict = bytes > 0 && bytes <= limit ? 'ok' : 'TOO MUCH';
  console.log(`${what.padEnd(40)} ${String(bytes).padStart(7)} of ${limit} bytes  ${verdict}`);
  if (verdict !== 'ok') process.exitCode = 1;
}

// Made for older browsers, `:dir()` becomes a list of languages, and every list on a Persian page reads from the right.
if (!writing.css.includes(':dir(') || /:lang\(ae\b/.test(writing.css)) {
  console.log('the styles have lost :dir(); look at build.cssTarget');
  process.exitCode = 1;
}
