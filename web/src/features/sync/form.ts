// A source as a form has it, and back. What is sent is only what differs, so that secrets nobody retyped stay.

import { readWhole } from '../../lib/digits';
import { readWidth, type Unit } from '../jobs/when';
import type { Json, Partition, Source, Spec } from './api';

export interface Pair {
  name: string;
  value: string;
}

export interface PartitionValues {
  name: string;
  kind: 'list' | 'sql';
  /** The values, a line each, or the question. */
  text: string;
}

export interface Values {
  name: string;
  table: string;
  key: string;
  method: 'GET' | 'POST';
  url: string;
  headers: string;
  query: string;
  body: string;
  login: {
    way: 'none' | 'fields' | 'json';
    url: string;
    fields: Pair[];
    json: string;
    headers: string;
    token: string;
    header: string;
  };
  records: string;
  total: string;
  page_size: string;
  first_page: string;
  partitions: PartitionValues[];
  incremental: { way: 'no' | 'yes'; field: string; param: string; overlap: string };
  timeout: string;
  request_timeout: string;
  retries: string;
  concurrency: string;
  count: string;
  unit: Unit;
  enabled: boolean;
}

/** What stands in place of a secret; sent back, it leaves the secret as it is. */
export const MARK = '********';

const SECRETS = /password|passwd|pwd|token|secret|api[_-]?key|authorization/i;
export const isSecret = (name: string): boolean => SECRETS.test(name);

/** A new source before anybody wrote something. */
export const NEW: Spec = {
  name: '',
  request: { method: 'POST', url: '' },
  body: { paging: { pageNumber: '{page}', pageSize: '{page_size}' } },
  login: { url: '', body: { userName: '', password: '' }, token: 'data.token' },
  records: 'data',
  total: 'totalCount',
  enabled: false,
};

export function toValues(source: Spec): Values {
  const { request, login, incremental, body } = source;
  const { count, unit } = readWidth(source.interval ?? '1h') ?? { count: 1, unit: 'h' as const };
  return {
    name: source.name,
    table: source.table ?? '',
    key: (source.key ?? []).join(', '),
    method: request?.method ?? 'GET',
    url: request?.url ?? '',
    headers: lines(request?.headers, ': '),
    query: lines(request?.query, '='),
    body: body == null ? '' : pretty(body),
    login: {
      way: !login ? 'none' : pairsOf(login.body) ? 'fields' : 'json',
      url: login?.url ?? '',
      fields: pairsOf(login?.body ?? {}) ?? [],
      json: pretty(login?.body ?? {}),
      headers: lines(login?.headers, ': '),
      token: login?.token ?? '',
      header: login?.header ?? 'Authorization: Bearer',
    },
    records: source.records ?? '',
    total: source.total ?? '',
    page_size: String(source.page_size ?? 500),
    first_page: String(source.first_page ?? 1),
    partitions: Object.entries(source.partitions ?? {}).map(([name, partition]) => ({ name, ...textOf(partition) })),
    incremental: { way: incremental ? 'yes' : 'no', field: incremental?.field ?? '', param: incremental?.param ?? '', overlap: incremental?.overlap ?? '10m' },
    timeout: source.timeout ?? '2h',
    request_timeout: source.request_timeout ?? '1m',
    retries: String(source.retries ?? 5),
    concurrency: String(source.concurrency ?? 4),
    count: String(count),
    unit,
    enabled: source.enabled ?? true,
  };
}

const textOf = (partition: Partition): Omit<PartitionValues, 'name'> =>
  'sql' in partition ? { kind: 'sql', text: partition.sql } : { kind: 'list', text: partition.join('\n') };

const pretty = (value: Json): string => JSON.stringify(value, null, 2);
const lines = (pairs: Record<string, string> | undefined, between: string): string =>
  Object.entries(pairs ?? {})
    .map((pair) => pair.join(between))
    .join('\n');

/** Names and texts, when there is nothing else in it. */
export function pairsOf(body: Json): Pair[] | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const entries = Object.entries(body);
  return entries.every(([, value]) => typeof value === 'string') ? entries.map(([name, value]) => ({ name, value: value as string })).sort(secretsLast) : null;
}

/** People write their name before their password. */
const secretsLast = (a: Pair, b: Pair): number => Number(isSecret(a.name)) - Number(isSecret(b.name));

export const objectOf = (pairs: readonly Pair[]): Record<string, string> => Object.fromEntries(pairs.filter(({ name }) => name.trim()).map(({ name, value }) => [name.trim(), value]));

/** Each line is a name and a text, with one of these signs between. */
function readLines(text: string, between: RegExp): Record<string, string> {
  const pairs = text.split('\n').map((line) => {
    const place = line.search(between);
    return place < 0 ? { name: line, value: '' } : { name: line.slice(0, place), value: line.slice(place + 1).trim() };
  });
  return objectOf(pairs);
}

/** Words apart by line, comma or space. */
const words = (text: string): string[] => text.split(/[\s,،؛]+/).filter(Boolean);
/** Values may hold spaces. */
const valuesOf = (text: string): string[] =>
  text
    .split(/[\n,،]/)
    .map((value) => value.trim())
    .filter(Boolean);

const filled = <T extends object>(pairs: T): T | undefined => (Object.keys(pairs).length > 0 ? pairs : undefined);

export const intervalOf = ({ count, unit }: Pick<Values, 'count' | 'unit'>): string => `${readWhole(count) ?? ''}${unit}`;

export function toSpec(values: Values): Spec {
  const { login, incremental } = values;
  return pruned({
    name: values.name.trim(),
    table: values.table.trim(),
    key: words(values.key),
    request: pruned({ method: values.method, url: values.url.trim(), headers: filled(readLines(values.headers, /:/)), query: filled(readLines(values.query, /[=:]/)) }),
    body: values.body.trim() ? (JSON.parse(values.body) as Json) : undefined,
    login: login.way === 'none' ? undefined : loginOf(login),
    records: values.records.trim(),
    total: values.total.trim() || undefined,
    page_size: readWhole(values.page_size) ?? 0,
    first_page: readWhole(values.first_page) ?? 0,
    partitions: filled(Object.fromEntries(values.partitions.map(({ name, kind, text }) => [name.trim(), kind === 'sql' ? { sql: text.trim() } : valuesOf(text)]))),
    incremental: incremental.way === 'yes' ? { field: incremental.field.trim(), param: incremental.param.trim(), overlap: incremental.overlap.trim() } : undefined,
    timeout: values.timeout.trim(),
    request_timeout: values.request_timeout.trim(),
    retries: readWhole(values.retries) ?? 0,
    concurrency: readWhole(values.concurrency) ?? 0,
    interval: intervalOf(values),
    enabled: values.enabled,
  }) as Spec;
}

const loginOf = ({ way, url, fields, json, headers, token, header }: Values['login']) =>
  pruned({
    url: url.trim(),
    body: way === 'fields' ? objectOf(fields) : (JSON.parse(json) as Json),
    headers: filled(readLines(headers, /:/)),
    token: token.trim(),
    header: header.trim(),
  });

const pruned = <T extends object>(thing: T): T => Object.fromEntries(Object.entries(thing).filter(([, value]) => value !== undefined)) as T;

/** What has to be merged into `before` so that it becomes `after`: `null` takes a key away. */
export function patchBetween(before: Json, after: Json): Json {
  if (!isObject(before) || !isObject(after)) return after;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differing = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(
    differing.map((name) => {
      const [old, now] = [before[name], after[name]];
      return [name, now === undefined ? null : old === undefined ? now : patchBetween(old, now)];
    }),
  );
}

const isObject = (value: Json): value is { [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a form changed. */
export const toPatch = (before: Values, after: Values): Json => patchBetween(toSpec(before) as Json, toSpec(after) as Json);

/** A span as the configuration writes it. */
export const isSpan = (text: string): boolean => /^\d+(ms|s|m|h|d)$/.test(text.trim());

const OF_THE_VIEW = ['health', 'last_run', 'last_success_at', 'next_at', 'origin', 'partitions_count', 'quarantined', 'rows'];

/** A source as it would stand in the file. */
export const specOf = (source: Source): Record<string, unknown> => Object.fromEntries(Object.entries(source).filter(([name, value]) => value != null && !OF_THE_VIEW.includes(name)));
