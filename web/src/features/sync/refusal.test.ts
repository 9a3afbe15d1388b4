import { expect, it } from 'vitest';
import { Problem } from '../../api/problem';
import { refusedAt } from './refusal';

const problem = (...fields: string[]) =>
  new Problem({ status: 422, code: 'sources.invalid', detail: '', errors: fields.map((field) => ({ field, detail: '' })) });
const said = (error: unknown, place: string) => refusedAt(error, place)?.message ?? null;

it('what is refused stands at its field, or at the nearest one that is shown', () => {
  expect(said(problem('request.url'), 'request.url')).toMatch(/whole address/);
  expect(said(problem('request.url'), 'request')).toBeNull();
  expect(said(problem('request.headers.X-Key'), 'request.headers')).toMatch(/no header/);
  expect(said(problem('login.body.password'), 'login')).toMatch(/secret itself/);
  expect(said(problem('partitions.campus'), 'partitions.campus')).toMatch(/none with a slash/);
  expect(said(problem('partitions.campus'), 'partitions.term')).toBeNull();
});

it('nothing stands there for other problems', () => {
  expect(said(new Error('x'), 'name')).toBeNull();
  expect(said(new Problem({ status: 422, code: 'request.body', detail: '', errors: [{ field: 'name', detail: '' }] }), 'name')).toBeNull();
});
