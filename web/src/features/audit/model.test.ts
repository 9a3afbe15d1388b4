import { expect, it } from 'vitest';
import { exportAddress } from './api';
import { compare, isMoment } from './model';

it('what differs comes first, what is nothing on both sides is left out', () => {
  const before = { name: 'Sara', role: 'operator', blocked: null, room: { port: 3000 } };
  const after = { name: 'Sara', role: 'admin', blocked: null, room: { port: 3001 } };
  expect(compare(before, after)).toEqual([
    { part: 'role', before: 'operator', after: 'admin', isSame: false },
    { part: 'room.port', before: 3000, after: 3001, isSame: false },
    { part: 'name', before: 'Sara', after: 'Sara', isSame: true },
  ]);
});

it('a thing that was made or is gone has one side', () => {
  expect(compare(null, { scopes: ['read', 'operate'] })).toEqual([{ part: 'scopes', before: null, after: 'read, operate', isSame: false }]);
  expect(compare({ is_running: false }, null)).toEqual([{ part: 'is_running', before: false, after: null, isSame: false }]);
});

it.each([
  ['2026-11-20T12:34:56Z', true],
  ['2026-11-20T12:34:56.123456Z', true],
  ['2026-11-20', false],
  ['Sprint', false],
  [null, false],
])('%j is a moment: %s', (value, is) => {
  expect(isMoment(value)).toBe(is);
});

it('an export is asked for with the filters of the list', () => {
  expect(exportAddress('csv', { action: 'meeting', from: undefined, target_id: 'a&b' })).toBe('/api/v1/audit/export?format=csv&action=meeting&target_id=a%26b');
});
