// The address of what is found: which words, and of which kinds.

import * as v from 'valibot';
import { isKind, KIND_NAMES, type Kind } from '../../lib/kinds';
import { optional } from '../../lib/search';
import type { Asked } from './api';

/** With commas between them, in the order that they are shown in; those that nobody knows are left out. */
export const writeKinds = (kinds: readonly Kind[]): string | undefined => KIND_NAMES.filter((kind) => kinds.includes(kind)).join() || undefined;
const readKinds = (text = ''): readonly Kind[] => text.split(',').filter(isKind);

export const FindSearch = v.object({
  /** A year alone is a number in an address. */
  q: optional(v.union([v.string(), v.pipe(v.number(), v.transform(String))])),
  /** All without it. */
  kinds: optional(v.pipe(v.string(), v.transform((text) => writeKinds(readKinds(text))))),
});

export type FindSearch = v.InferOutput<typeof FindSearch>;

export const toAsked = ({ q = '', kinds }: FindSearch): Asked => ({ q, kinds: readKinds(kinds) });
