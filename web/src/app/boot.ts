// What the server wrote into the page: who is signed in. Nobody else gets the page.

import * as v from 'valibot';
import { ROLES } from '../lib/user';

const Boot = v.object({ user: v.object({ name: v.string(), role: v.picklist(ROLES) }) });

export type Boot = v.InferOutput<typeof Boot>;

export const readBoot = (page: Document): Boot => v.parse(Boot, JSON.parse(page.getElementById('boot')?.textContent ?? '{}'));
