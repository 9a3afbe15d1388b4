import { expect, it } from 'vitest';
import { toPick } from './PickPort';

it('only what was said is asked for', () => {
  expect(toPick({ owner: ' ', preferred: '', ttl: 'none' })).toEqual({});
  expect(toPick({ owner: 'کارگر', preferred: '۳۰۰۵', ttl: '1h' })).toEqual({ owner: 'کارگر', preferred: 3005, ttl: '1h' });
});
