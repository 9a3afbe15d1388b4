import { expect, it } from 'vitest';
import type { Change } from '../sync/api';
import { brief, byRun, nameOf } from './model';

it.each([
  [{ studentnum: '1', name: 'مریم', family: 'کریمی' }, 'مریم کریمی'],
  [{ FirstName: 'Ali', LastName: 'Rezaei' }, 'Ali Rezaei'],
  [{ fullName: 'Sara Amini', name: 'x' }, 'Sara Amini'],
  [{ نام: 'زهرا', نام_خانوادگی: 'احمدی' }, 'زهرا احمدی'],
  [{ code: '7', campusName: 'پردیس' }, ''],
])('the name among %o', (fields, name) => {
  expect(nameOf({ fields })).toBe(name);
});

it('what is brief leaves out the name and the key', () => {
  expect(brief({ key: '1', fields: { studentnum: '1', name: 'x', city: 'شیراز', age: 20, level: 'BA', more: 1 } })).toEqual(['شیراز', '20', 'BA']);
});

it('differences stand together by their run', () => {
  const change = (id: number, run_id: number) => ({ id, run_id, at: `t${run_id}` }) as Change;
  expect(byRun([change(3, 9), change(2, 9), change(1, 4)]).map(({ run, at, changes }) => [run, at, changes.length])).toEqual([
    [9, 't9', 2],
    [4, 't4', 1],
  ]);
});
