import { expect, it } from 'vitest';
import type { Spec } from './api';
import { MARK, NEW, pairsOf, patchBetween, toPatch, toSpec, toValues } from './form';

const STUDENTS: Spec = {
  name: 'students',
  kind: 'http',
  table: 'Students',
  key: ['studentnum'],
  request: { method: 'POST', url: 'https://gateway.example/Students_2', headers: { 'X-Key': MARK }, query: { lang: 'fa' } },
  body: { codePardis: '{campus}', Filter: { active: true } },
  login: { url: 'https://gateway.example/Login', body: { userName: 'u', password: MARK }, token: 'data.token', header: 'Authorization: Bearer' },
  records: 'data',
  total: 'totalCount',
  page_size: 500,
  first_page: 1,
  partitions: { campus: ['1100', '1101'], term: { sql: 'SELECT code FROM terms' } },
  incremental: { field: 'updated_at', param: 'Filter.since', overlap: '10m' },
  timeout: '2h',
  request_timeout: '1m',
  retries: 5,
  concurrency: 4,
  interval: '1h',
  enabled: true,
};

const values = toValues(STUDENTS);

it('a source goes through the form unchanged', () => {
  const { kind: _, ...rest } = STUDENTS;
  expect(toSpec(values)).toEqual(rest);
  expect(toPatch(values, values)).toEqual({});
});

it('only what was changed is sent, and a secret that nobody retyped is not', () => {
  const login = { ...values.login, fields: [{ name: 'userName', value: 'new' }, { name: 'password', value: MARK }] };
  expect(toPatch(values, { ...values, login, page_size: '۲۵۰' })).toEqual({ login: { body: { userName: 'new' } }, page_size: 250 });
});

it('what was taken away is sent as nothing', () => {
  const changed = { ...values, body: '{ "codePardis": "{campus}" }', headers: '', total: ' ', partitions: values.partitions.slice(0, 1), incremental: { ...values.incremental, way: 'no' as const } };
  expect(toPatch(values, changed)).toEqual({ body: { Filter: null }, request: { headers: null }, total: null, partitions: { term: null }, incremental: null });
});

it('values are apart by lines or commas of either script, keys by spaces too', () => {
  const changed = { ...values, key: 'nationalcode، term', partitions: [{ name: 'campus', kind: 'list' as const, text: '1100\n 1101، شهید رجایی,\n' }] };
  expect(toPatch(values, changed)).toEqual({ key: ['nationalcode', 'term'], partitions: { campus: ['1100', '1101', 'شهید رجایی'], term: null } });
});

it('a list in place of a question, and the other way round, are replaced whole', () => {
  expect(patchBetween({ sql: 'SELECT 1' }, ['a'])).toEqual(['a']);
  expect(patchBetween({ a: ['1'] }, { a: { sql: 'q' } })).toEqual({ a: { sql: 'q' } });
});

it('a login is shown by its fields when it has nothing but texts', () => {
  expect(pairsOf({ userName: '', password: MARK })).toHaveLength(2);
  expect(pairsOf({ user: { name: '' } })).toBeNull();
  expect(toValues({ ...STUDENTS, login: { url: '', body: { user: { name: 'u' } }, token: 't' } }).login.way).toBe('json');
});

it('a new source begins with a shape that can be read back', () => {
  expect(toSpec(toValues(NEW))).toMatchObject({ login: { body: { userName: '', password: '' } }, interval: '1h', enabled: false });
});
