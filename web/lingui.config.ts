// Where the console's messages are found and kept: English in the sources, Persian in locales.

import type { LinguiConfig } from '@lingui/conf';
import { formatter } from '@lingui/format-po';

/** The test that they are complete writes them elsewhere. */
const FOLDER = process.env.DABIR_CATALOGS ?? 'src/locales';

const SYSTEM = ['clients', 'sync', 'directory', 'webhooks', 'jobs', 'users', 'sessions', 'tokens', 'account', 'notifications', 'audit', 'backups', 'settings'].map((feature) => `src/features/${feature}`);

/** What writers work with. */
const WRITE = ['writing', 'documents', 'tasks', 'files', 'inbox', 'search'].map((feature) => `src/features/${feature}`);

const config: LinguiConfig = {
  locales: ['en', 'fa'],
  sourceLocale: 'en',
  catalogs: [
    { path: `${FOLDER}/{locale}`, include: ['src'], exclude: [...[...SYSTEM, ...WRITE].map((folder) => `${folder}/**`), '**/*.test.*', '**/*.gen.ts'] },
    // These pages are seen less often, so their words come with them.
    { path: `${FOLDER}/system/{locale}`, include: SYSTEM, exclude: ['**/*.test.*'] },
    { path: `${FOLDER}/write/{locale}`, include: WRITE, exclude: ['**/*.test.*'] },
  ],
  format: formatter({ lineNumbers: false, origins: true, printPlaceholdersInComments: false }),
  orderBy: 'origin',
};

export default config;
