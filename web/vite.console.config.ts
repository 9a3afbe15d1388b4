// Builds the operators' console into dist/console, which `dabir` embeds, and serves it while one works on it.

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

/** Drops what the page tells its readers, and asks early for what the first scripts and the first text need. */
const page: Plugin = {
  name: 'console-page',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {} }) {
      const fonts = Object.keys(bundle).filter((name) => name.endsWith('.woff2'));
      const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, fetchpriority: 'low' };
      const start = Object.values(bundle).find((chunk) => chunk.type === 'chunk' && chunk.facadeModuleId?.endsWith('/app/start.tsx'));
      const scripts = start?.type === 'chunk' ? [start.fileName, ...start.imports] : [];
      return {
        html: html.replace(/<!--\n[^]*?-->\n/, '').replace(/ *<!-- [^]*?-->\n/, ''),
        tags: [
          ...scripts.map((name) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` } })),
          ...fonts.map((name) => ({ tag: 'link', attrs: { ...attrs, href: `/${name}` } })),
        ],
      };
    },
  },
};

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
  },
  server: {
    proxy: Object.fromEntries(['/api', '/rooms', '/start', '/sign-in', '/sign-out', '/pages', '/ready', '/docs'].map((path) => [path, { target: SERVER, ws: true }])),
  },
  test: {
    name: 'console',
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
  },
});
