// Builds the room's page into dist/room, which the room server embeds.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vitest/config';

/** The tab's mark, under a name that changes with it. */
const icon: Plugin = {
  name: 'room-icon',
  apply: 'build',
  buildStart() {
    this.emitFile({ type: 'asset', name: 'seal.svg', source: readFileSync('room/seal.svg') });
  },
};

/** A `.gz` beside each text file: the room serves these as they are. */
const gzip: Plugin = {
  name: 'room-gzip',
  apply: 'build',
  writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((name) => /\.(js|css|svg)$/.test(name))) {
      writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }));
    }
  },
};

export default defineConfig({
  base: './',
  plugins: [icon, gzip],
  build: {
    outDir: 'dist/room',
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox121', 'safari16.4'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { fa: 'room/fa.ts', en: 'room/en.ts', room: 'room/room.css' },
      output: {
        entryFileNames: '[name]-[hash].js',
        chunkFileNames: 'shared-[hash].js',
        assetFileNames: '[name]-[hash][extname]',
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['room/**/*.test.ts'],
  },
});
