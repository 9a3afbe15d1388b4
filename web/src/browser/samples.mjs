// The samples of the page of a webhook, to be run: the JavaScript one here, the others by whoever can.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';

const path = fileURLToPath(new URL('../features/webhooks/samples.ts', import.meta.url));
const { code } = await transformWithOxc(await readFile(path, 'utf8'), path);
const moduleOf = (source) => import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`);

export const { SAMPLES } = await moduleOf(code);
export const { isFromDabir } = await moduleOf(SAMPLES.javascript);
