// Both pages' tests in one run.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { projects: ['vite.config.ts', 'vite.console.config.ts'] },
});
