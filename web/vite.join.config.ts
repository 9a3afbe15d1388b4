// Builds the script and the style of the join page into dist/join, which the server embeds.

import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: {
    outDir: 'dist/join',
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox121', 'safari16.4'],
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { join: 'room/join/join.ts', style: 'room/join/join.css' },
      output: { entryFileNames: '[name].js', assetFileNames: assetName },
    },
  },
});

/** The server names the script and the style; the fonts are the room's, and are called as they are there. */
function assetName({ names }: { names: string[] }): string {
  return names.some((name) => name.endsWith('.css')) ? 'join.css' : '[name]-[hash][extname]';
}
