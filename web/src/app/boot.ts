// What the server wrote into the page: who is signed in.

import * as v from 'valibot';
import { ROLES } from '../lib/user';

const Boot = v.object({ user: v.nullable(v.object({ name: v.string(), role: v.picklist(ROLES) })) });

export type Boot = v.InferOutput<typeof Boot>;

export function readBoot(page: Document): Boot {
  const text = page.getElementById('boot')?.textContent ?? '{}';
  const read = v.safeParse(Boot, JSON.parse(text));
  return read.success ? read.output : { user: null };
}
