// The addresses of the documents: which ones the list shows, and what stands beside a document.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import type { Filter } from './api';

export const PLACES = ['recent', 'mine', 'shared', 'starred', 'templates', 'trash'] as const;
export type Place = (typeof PLACES)[number];

export const SIDES = ['outline', 'comments', 'versions'] as const;
export type Side = (typeof SIDES)[number];

export const DocumentsSearch = v.object({
  place: optional(v.picklist(PLACES)),
  /** The id of a folder; then there is no other place. */
  folder: optional(v.string()),
  q: optional(v.string()),
  make: optional(v.picklist(['document', 'folder'])),
});

export type DocumentsSearch = v.InferOutput<typeof DocumentsSearch>;

export const DocumentSearch = v.object({
  side: optional(v.picklist(SIDES)),
  /** The version that is looked at. */
  version: optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type DocumentSearch = v.InferOutput<typeof DocumentSearch>;

const FILTERS: Record<Place, Filter> = {
  recent: { recent: true },
  mine: { mine: true },
  shared: { shared: true },
  starred: { starred: true },
  templates: { template: true },
  trash: { trashed: true },
};

export function toFilter({ place, folder, q }: DocumentsSearch): Filter {
  const words = q?.trim();
  const where = folder ? { folder } : place ? FILTERS[place] : {};
  return { ...where, ...(words && { q: words }) };
}
