// Values of settings as people type them, and as the server takes them.

import type { FieldError } from '../../api/problem';
import { latinDigits, readWhole } from '../../lib/digits';
import type { Changes, Kind, Setting } from './api';

/** What was typed and is not saved yet, by key; `null` goes back to what lies beneath. */
export type Drafts = Readonly<Record<string, string | null>>;

/** What is wrong with a draft: nobody can read it, or what the server said. */
export type Fault = 'unreadable' | { detail: string };

export const UNITS = ['ms', 's', 'm', 'h', 'd'] as const;
export type Unit = (typeof UNITS)[number];

/** A value as an editor holds it: ranges as `3000-9000`, lists a line each. */
export function toText(value: unknown): string {
  if (Array.isArray(value)) return value.every((part) => typeof part === 'number') ? value.join('-') : value.map(String).join('\n');
  return value === null || value === undefined ? '' : String(value);
}

/** The value that a text means; `undefined` when it means none. Digits of every script mean the same. */
export function read(kind: Kind, text: string): unknown {
  switch (kind) {
    case 'duration':
      return /^\d+(ms|s|m|h|d)$/.exec(latinDigits(text).trim())?.[0];
    case 'integer':
      return readWhole(text) ?? undefined;
    case 'number':
      return readNumber(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'range':
      return readRange(text);
    case 'list':
      return text.split('\n').map((line) => line.trim()).filter(Boolean);
    case 'text':
    case 'choice':
    case 'secret':
      return text.trim();
  }
}

/** With a point, or the Persian ٫ */
function readNumber(text: string): number | undefined {
  const plain = latinDigits(text).trim().replace('٫', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}

function readRange(text: string): number[] | undefined {
  const ends = text.split('-').map(readWhole);
  const [first, last] = ends;
  const isRange = ends.length === 2 && typeof first === 'number' && typeof last === 'number' && first <= last;
  return isRange ? [first, last] : undefined;
}

export function splitDuration(text: string): { number: string; unit: Unit } {
  const [, number = '', unit = 's'] = /^(.*?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  return { number, unit: unit as Unit };
}

/** The drafts with one more; one that says what holds already is none. */
export function withDraft(drafts: Drafts, setting: Setting, text: string): Drafts {
  const { [setting.key]: _, ...others } = drafts;
  return text === toText(setting.value) ? others : { ...others, [setting.key]: text };
}

export function withoutDraft<T>(drafts: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...others } = drafts;
  return others;
}

/** The least and the most of `100ms to 1d`; `most` is left out where it is more than anybody could write. */
export function bounds({ kind, allowed }: Pick<Setting, 'kind' | 'allowed'>): { least: unknown; most: unknown } | null {
  const [, from = '', to = ''] = /^(\S+) to (\S+)$/.exec(allowed) ?? [];
  const least = read(kind, from);
  const isBounded = kind === 'duration' || kind === 'integer' || kind === 'number';
  return isBounded && least !== undefined ? { least, most: read(kind, to) } : null;
}

/** Drafts that mean nothing, by key. */
export function unreadable(settings: readonly Setting[], drafts: Drafts): string[] {
  return settings.filter(({ key, kind }) => typeof drafts[key] === 'string' && read(kind, drafts[key]) === undefined).map(({ key }) => key);
}

/** What the server is told. */
export function toChanges(settings: readonly Setting[], drafts: Drafts): Changes {
  const changed = settings.filter(({ key }) => key in drafts);
  return Object.fromEntries(changed.map(({ key, kind }) => [key, drafts[key] === null ? null : (read(kind, drafts[key] ?? '') ?? null)]));
}

/** What would bring settings back to how they are now. */
export function toUndo(settings: readonly Setting[], changes: Changes): Changes {
  const changed = settings.filter(({ key }) => key in changes);
  return Object.fromEntries(changed.map(({ key, source, value }) => [key, source === 'here' ? value : null]));
}

/** What will hold once the draft is saved. */
export function nextValue(setting: Setting, draft: string | null): unknown {
  if (draft === null) return setting.beneath ?? setting.default;
  return read(setting.kind, draft) ?? draft;
}

/** What the server refused, by key. */
export function refusals(fields: readonly FieldError[]): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.map(({ field, detail }) => [field, detail]));
}

/** The settings by section, in the order in which they came. */
export function bySection(settings: readonly Setting[]): { section: string; settings: Setting[] }[] {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) sections.set(setting.section, [...(sections.get(setting.section) ?? []), setting]);
  return [...sections].map(([section, settings]) => ({ section, settings }));
}
