// What of a person's fields is their name. Gateways call their fields as they like.

import type { Change, Fields, Json } from '../sync/api';
import type { Person } from './api';

const FIRST = /^(first_?name|f_?name|given_?name|name|نام)$/i;
const LAST = /^(last_?name|l_?name|family(_?name)?|surname|نام_?خانوادگی|فامیل)$/i;
const WHOLE = /^(full_?name|display_?name|(student|professor|faculty)_?(full_?)?name|نام_?کامل)$/i;

/** A person's name; without a field that looks like one, nothing. */
export function nameOf({ fields }: Pick<Person, 'fields'>): string {
  const whole = valueOf(fields, WHOLE);
  return whole || [valueOf(fields, FIRST), valueOf(fields, LAST)].filter(Boolean).join(' ');
}

function valueOf(fields: Fields, name: RegExp): string {
  const found = Object.entries(fields).find(([field]) => name.test(field));
  return found ? textOf(found[1]) : '';
}

export const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What stands below a name in a list: the first few other fields. */
export function brief({ key, fields }: Pick<Person, 'key' | 'fields'>, most = 3): string[] {
  const isName = (field: string) => [FIRST, LAST, WHOLE].some((pattern) => pattern.test(field));
  const others = Object.entries(fields).filter(([field, value]) => !isName(field) && textOf(value) !== key);
  return others.slice(0, most).map(([, value]) => textOf(value));
}

/** Differences by the run that made them, in the order in which they come. */
export function byRun(history: readonly Change[]): { run: number; at: string; changes: Change[] }[] {
  const runs = new Map<number, { run: number; at: string; changes: Change[] }>();
  for (const change of history) {
    const known = runs.get(change.run_id);
    if (known) known.changes.push(change);
    else runs.set(change.run_id, { run: change.run_id, at: change.at, changes: [change] });
  }
  return [...runs.values()];
}
