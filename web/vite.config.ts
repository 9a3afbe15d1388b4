// Builds the room's page into dist/room, which the room server embeds.

import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vitest/config';

/** The tab's mark, under a name that changes with it. */
const icon: Plugin = {
  name: 'room-icon',
  apply: 'build',
  buildStart() {
    this.emitFile({ type: 'asset', name: 'seal.svg', source: readFileSync('room/seal.svg') });
  },
};

export default defineConfig({
  base: './',
  plugins: [icon],
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
