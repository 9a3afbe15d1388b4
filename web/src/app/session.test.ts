import { expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { Session } from './session';

it('ends once, with the first refusal of who we are, and can be taken up again', () => {
  const session = new Session();
  const watcher = vi.fn();
  session.watch(watcher);
  session.see(new Problem({ status: 403, code: 'auth.forbidden', detail: '' }));
  session.see(new Error('x'));
  expect(session.ended).toBe(false);
  session.see(new Problem({ status: 401, code: 'auth.required', detail: '' }));
  session.see(new Problem({ status: 401, code: 'auth.required', detail: '' }));
  expect(session.ended).toBe(true);
  expect(watcher).toHaveBeenCalledOnce();
  session.resume();
  expect(session.ended).toBe(false);
  expect(watcher).toHaveBeenCalledTimes(2);
});
