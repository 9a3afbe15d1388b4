// What was found, by kind; where it leads; and what to try when it is nothing.

import { linkOptions } from '@tanstack/react-router';
import { isKind, type Kind } from '../../lib/kinds';
import type { Asked, Hit } from './api';

export interface Group {
  kind: Kind;
  hits: readonly Hit[];
}

/** The same thing has the same key, wherever it is listed. */
export const keyOf = ({ kind, id }: Pick<Hit, 'kind' | 'id'>): string => `${kind} ${id}`;

/** By kind, that of the best hit first; of each kind the best `most`. */
export function groupsOf(hits: readonly Hit[], most: number): readonly Group[] {
  const kinds = [...new Set(hits.map(({ kind }) => kind))].filter(isKind);
  return kinds.map((kind) => ({ kind, hits: hits.filter((hit) => hit.kind === kind).slice(0, most) }));
}

/** The page of a hit. Of a person that is, for those who have none of people, what this person has to do. */
export function placeOf({ kind, id }: Hit, isAdmin: boolean) {
  switch (kind) {
    case 'document':
      return linkOptions({ to: '/documents/$id', params: { id } });
    case 'file':
      return linkOptions({ to: '/files/$id', params: { id } });
    case 'client':
      return linkOptions({ to: '/clients/$username', params: { username: id } });
    case 'user':
      return isAdmin ? linkOptions({ to: '/users', search: { user: id } }) : linkOptions({ to: '/tasks', search: { assignee: id } });
    default:
      return linkOptions({ to: '/tasks/$id', params: { id } });
  }
}

const QUOTES = /["“”„«»]/;
const WITHOUT = /(^|\s)-\S/;

export type Hint = 'quotes' | 'without' | 'fewer';

/** What may keep something from being found. */
export function hintsFor({ q }: Asked): readonly Hint[] {
  const words = q.trim().split(/\s+/);
  return [...(QUOTES.test(q) ? (['quotes'] as const) : []), ...(WITHOUT.test(q) ? (['without'] as const) : []), ...(words.length > 1 ? (['fewer'] as const) : [])];
}
