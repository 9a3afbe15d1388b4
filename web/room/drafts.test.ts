import { expect, it } from 'vitest';
import { Drafts } from './drafts';

it('what was written is there after a reload, for its own meeting alone', () => {
  sessionStorage.clear();
  new Drafts('14').set('message', 'می‌خواهم بگویم');
  expect(new Drafts('14').get('message')).toBe('می‌خواهم بگویم');
  expect(new Drafts('15').get('message')).toBeUndefined();
});

it('broken or forbidden storage keeps nothing and breaks nothing', () => {
  const storage = { getItem: () => '{broken', setItem: () => { throw new DOMException('full', 'QuotaExceededError'); } } as unknown as Storage;
  const drafts = new Drafts('14', storage);
  drafts.set('message', 'x');
  expect(drafts.get('message')).toBe('x');
});
