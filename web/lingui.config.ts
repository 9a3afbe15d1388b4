// Where the console's messages are found and kept: English in the sources, Persian in locales/fa.po.

import type { LinguiConfig } from '@lingui/conf';
import { formatter } from '@lingui/format-po';

/** The test that they are complete writes them elsewhere. */
const FOLDER = process.env.DABIR_CATALOGS ?? 'src/locales';

const config: LinguiConfig = {
  locales: ['en', 'fa'],
  sourceLocale: 'en',
  catalogs: [{ path: `${FOLDER}/{locale}`, include: ['src'], exclude: ['**/*.test.*', '**/*.gen.ts'] }],
  format: formatter({ lineNumbers: false, origins: true, printPlaceholdersInComments: false }),
  orderBy: 'origin',
};

export default config;
