import { describe, expect, it } from 'vitest';
import type { Cell } from './api';
import { lacksLogin, partOf, placeOf, shapeOf, stepsOf, tally, toRetry } from './model';

const cell = (values: Record<string, string>, status: Cell['status'] = 'success') => ({ values, label: Object.values(values).join('/'), status }) as Cell;
const pairs = (campuses: string[], terms: string[]) => campuses.flatMap((campus) => terms.map((term) => cell({ campus, term })));

describe('the shape of partitions', () => {
  it('is a grid of two lists, the longer one downwards', () => {
    const shape = shapeOf(pairs(['1100', '1101'], ['4001', '4002', '4003']));
    if (shape.kind !== 'grid') throw new Error(shape.kind);
    expect([shape.rows, shape.columns]).toEqual([
      { name: 'term', values: ['4001', '4002', '4003'] },
      { name: 'campus', values: ['1100', '1101'] },
    ]);
    expect(shape.at.get(placeOf('4003', '1101'))?.label).toBe('1101/4003');
  });

  it('is a row of one list, a list of three or of very many, and nothing without any', () => {
    const many = Array.from({ length: 51 }, (_, i) => String(i));
    expect(shapeOf([cell({ term: '4001' })]).kind).toBe('row');
    expect(shapeOf([cell({ a: '1', b: '2', c: '3' })]).kind).toBe('list');
    expect(shapeOf(pairs(many, many)).kind).toBe('list');
    expect([shapeOf([]).kind, shapeOf([cell({})]).kind]).toEqual(['none', 'none']);
  });
});

it('what did not come is tried again, and a run that went well has nothing to', () => {
  const cells = [cell({ a: '1' }), cell({ a: '2' }, 'failed'), cell({ a: '3' }, 'cancelled')];
  expect(toRetry({ status: 'failed', cells })?.map(({ label }) => label)).toEqual(['2', '3']);
  expect(toRetry({ status: 'success', cells })).toBeNull();
  expect([...tally(cells)]).toEqual([['success', 1], ['failed', 1], ['cancelled', 1]]);
});

it('how far a partition is stays unknown until its pages are counted', () => {
  expect([partOf({ pages_done: 3, pages_total: 4 }), partOf({ pages_done: 3, pages_total: null }), partOf({ pages_done: 9, pages_total: 4 })]).toEqual([0.75, null, 1]);
});

it('a login lacks when all its texts are empty', () => {
  const login = (body: never) => ({ login: { url: '', token: '', body } });
  expect(lacksLogin(login({ userName: '', password: '' } as never))).toBe(true);
  expect(lacksLogin(login({ userName: 'u', password: '********' } as never))).toBe(false);
  expect(lacksLogin(login({ user: { name: '' } } as never))).toBe(true);
  expect(lacksLogin({ login: null })).toBe(false);
});

describe('where a test ended', () => {
  const login = { login: { url: '', token: '', body: {} } };
  const at = (source: Parameters<typeof stepsOf>[0], error: string | null) => stepsOf(source, { ok: !error, error }).map(({ outcome }) => outcome);

  it.each([
    ['no login: the gateway is not reached: Connection refused (os error 111) (tried 1 times)', ['failed', 'not reached', 'not reached']],
    ['the gateway did not answer within 30 s', ['failed', 'not reached', 'not reached']],
    ['the gateway refuses the login with 401; check its name and password', ['done', 'failed', 'not reached']],
    ['the gateway answered 500: broken', ['done', 'done', 'failed']],
  ])('%s', (error, outcomes) => expect(at(login, error)).toEqual(outcomes));

  it('is nowhere when all went well, and without a login there is a step less', () => {
    expect(at(login, null)).toEqual(['done', 'done', 'done']);
    expect(at({ login: null }, 'the gateway answered 401, and this source has no `login`')).toEqual(['done', 'failed']);
  });
});
