// The address of the directory: whose people it shows, and which of them.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import type { Directory, Filter } from './api';

const DIRECTORIES = ['students', 'faculty'] as const satisfies readonly Directory[];

export const DirectorySearch = v.object({
  /** Students without it. */
  of: optional(v.picklist(DIRECTORIES)),
  q: optional(v.string()),
  gone: optional(v.literal('yes')),
});

export type DirectorySearch = v.InferOutput<typeof DirectorySearch>;

export const directoryOf = (word: string | undefined): Directory => (word === 'faculty' ? 'faculty' : 'students');

export function toFilter({ q, gone }: DirectorySearch): Filter {
  const search = q?.trim();
  return { ...(search && { search }), ...(gone && { gone: true }) };
}
