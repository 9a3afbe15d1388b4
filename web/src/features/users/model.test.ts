import * as v from 'valibot';
import { expect, it } from 'vitest';
import { stateOf } from './model';
import { UsersSearch } from './search';

const blocked = { at: '2026-11-20T12:00:00Z', reason: 'left' };

it.each([
  [{ invited: false }, 'active'],
  [{ invited: true, blocked: null }, 'invited'],
  [{ invited: false, blocked }, 'blocked'],
  [{ invited: true, blocked }, 'blocked'],
])('%j is %s', (person, state) => {
  expect(stateOf(person)).toBe(state);
});

it('the address keeps what makes sense and drops the rest', () => {
  expect(v.parse(UsersSearch, { q: 'sara', role: 'king', state: 'blocked', invite: 'no', x: 1 })).toEqual({
    q: 'sara', role: undefined, state: 'blocked', user: undefined, invite: undefined,
  });
});
