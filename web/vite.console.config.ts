// Builds the operators' console into dist/console, which `dabir` embeds, and serves it while one works on it.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import babel from '@babel/core';
import { lingui } from '@lingui/vite-plugin';
import locales from '@react-aria/optimize-locales-plugin';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vitest/config';

/** Where a running `dabir serve` answers, for `npm run dev`. */
const SERVER = process.env.DABIR_URL ?? 'http://127.0.0.1:8000';

/** Turns messages in the sources into calls with their ids. */
const messages: Plugin = {
  name: 'console-messages',
  enforce: 'pre',
  async transform(code, id) {
    if (!/\.tsx?$/.test(id) || !/@lingui\/(core|react)\/macro/.test(code)) return null;
    const result = await babel.transformAsync(code, {
      filename: id,
      babelrc: false,
      configFile: false,
      sourceMaps: true,
      parserOpts: { plugins: ['typescript', 'jsx'] },
      plugins: ['@lingui/babel-plugin-lingui-macro'],
    });
    return result?.code ? { code: result.code, map: result.map } : null;
  },
};

/** Drops what the page tells its readers, and asks early for what its address needs besides the shell. */
const page: Plugin = {
  name: 'console-page',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {} }) {
      const { fileName } = early(bundle);
      return {
        html: html.replace(/<!--\n[^]*?-->\n/, '').replace(/ *<!-- [^]*?-->\n/, ''),
        tags: [{ tag: 'script', attrs: { type: 'module', src: `/${fileName}` }, injectTo: 'head-prepend' }],
      };
    },
  },
  generateBundle(_, bundle) {
    this.emitFile({ type: 'asset', ...early(bundle) });
  },
};

/** The page at each address, by its first part; `one` stands for what lies below it. */
const PAGES: Record<string, string> = {
  '': 'OverviewPage',
  meetings: 'MeetingsPage',
  'meetings/one': 'MeetingPage',
  clients: 'ClientsPage',
  'clients/one': 'ClientPage',
  ports: 'PortsPage',
  inbox: 'InboxPage',
  documents: 'DocumentsPage',
  'documents/one': 'DocumentPage',
  tasks: 'TasksPage',
  'tasks/one': 'TaskPage',
  files: 'FilesPage',
  'files/one': 'FilePage',
  search: 'SearchPage',
  sync: 'SyncPage',
  'sync/one': 'SourcePage',
  directory: 'DirectoryPage',
  'directory/one': 'PersonPage',
  webhooks: 'WebhooksPage',
  'webhooks/one': 'WebhookPage',
  jobs: 'JobsPage',
  'jobs/one': 'JobPage',
  schedules: 'SchedulesPage',
  users: 'UsersPage',
  audit: 'AuditPage',
  backups: 'BackupsPage',
  settings: 'SettingsPage',
  account: 'AccountPage',
  'account/one': 'NotificationsPage',
};
const WITH_WRITE_WORDS = ['inbox', 'documents', 'tasks', 'files', 'search'];
const WITH_SYSTEM_WORDS = ['clients', 'sync', 'directory', 'webhooks', 'jobs', 'schedules', 'users', 'audit', 'backups', 'settings', 'account'];

type Bundle = Parameters<Extract<NonNullable<Plugin['generateBundle']>, Function>>[1];

/**
 * A small script before all others. What a page needs is known from its address and language at once; without it the
 * browser would learn of words and page one after the other, each time only after the last script has run.
 */
function early(bundle: Bundle): { fileName: string; source: string } {
  const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
  const closure = (names: readonly string[], known = new Set<string>()): Set<string> => {
    for (const name of names.filter((name) => !known.has(name))) closure(chunks.find(({ fileName }) => fileName === name)?.imports ?? [], known.add(name));
    return known;
  };
  const shell = closure(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  const files = (suffix: string) => {
    const found = chunks.filter(({ facadeModuleId }) => facadeModuleId?.endsWith(suffix)).map(({ fileName }) => fileName);
    return [...closure(found)].filter((name) => !shell.has(name)).map((name) => `/${name}`);
  };
  const words = (lang: string) => ({ first: [...files(`/locales/${lang}.po`), ...files(`/aria/${lang}.ts`)], system: files(`/locales/system/${lang}.po`), write: files(`/locales/write/${lang}.po`) });
  const pages = Object.fromEntries(Object.entries(PAGES).map(([path, name]) => [path, files(`/pages/${name}.tsx`)]));
  const source = `const words=${JSON.stringify({ fa: words('fa'), en: words('en') })},pages=${JSON.stringify(pages)},system=${JSON.stringify(WITH_SYSTEM_WORDS)},write=${JSON.stringify(WITH_WRITE_WORDS)};
const [,section,below]=location.pathname.split('/'),page=below?section+'/one':section,own=words[document.documentElement.lang]??words.fa;
for(const href of [...own.first,...(system.includes(section)?own.system:[]),...(write.includes(section)?own.write:[]),...(pages[page]??[])])document.head.append(Object.assign(document.createElement('link'),{rel:'modulepreload',href}));
`;
  return { fileName: `assets/early-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`, source };
}

/** A `.br` and a `.gz` beside each text file: the server sends these as they are. */
const compress: Plugin = {
  name: 'console-compress',
  apply: 'build',
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((name) => /\.(js|css|svg)$/.test(name))) {
      const path = join(dir, name);
      const text = readFileSync(path);
      writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
      writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    }
  },
};

/** In the place of the server: who is signed in, as far as the one who develops is concerned. */
const boot: Plugin = {
  name: 'console-boot',
  apply: 'serve',
  transformIndexHtml: (html) =>
    html.replace('<!--dabir:boot-->', '<script type="application/json" id="boot">{"user":{"name":"admin","role":"admin"}}</script>'),
};

/**
 * All that is there before any page, in one piece: cut at every part that a page shares, it would be thirty and weigh
 * more. Dependencies are not added, because they include what its modules name and never use.
 */
const SHELL = { name: 'shell', tags: ['$initial' as const], includeDependenciesRecursively: false };

export default defineConfig({
  // Strings of React Aria come from src/ui/aria: its own thirty-four languages have no Persian.
  plugins: [messages, react(), lingui(), tailwindcss(), locales.vite({ locales: [] }), page, compress, boot],
  build: {
    outDir: 'dist/console',
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox121', 'safari16.4'],
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: { output: { codeSplitting: { groups: [SHELL] } } },
  },
  server: {
    proxy: Object.fromEntries(['/api', '/rooms', '/start', '/sign-in', '/sign-out', '/pages', '/ready', '/docs', '^/p/'].map((path) => [path, { target: SERVER, ws: true, rewriteWsOrigin: true }])),
  },
  test: {
    name: 'console',
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
  },
});
