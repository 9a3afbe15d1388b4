// What the part of an address after its question mark may hold.

import * as v from 'valibot';
import { isDay } from './zone';

/** A part that makes no sense is left out, the page comes all the same. */
export const optional = <T extends v.GenericSchema>(schema: T) => v.fallback(v.optional(schema), undefined);

/** A day such as `2026-11-20`. */
export const day = v.pipe(v.string(), v.check(isDay));
