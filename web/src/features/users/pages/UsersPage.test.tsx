import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { showPage } from '../../../testing/page';
import { serve } from '../../../testing/server';
import { UsersSearch } from '../search';
import { UsersPage } from './UsersPage';

const person = (id: string, more: object) => ({
  id, name: `Person ${id}`, email: `${id}@example.org`, role: 'writer', language: 'fa', invited: false, created_at: '2026-11-20T12:00:00Z', updated_at: '2026-11-20T12:00:00Z', ...more,
});

// A window of some height, in which the table draws its rows.
beforeEach(() => void vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(46));
afterEach(() => vi.restoreAllMocks());

it('reads on to the last page when the server does not filter by what is looked for', async () => {
  const pages = [{ items: [person('a', {})], next_cursor: 'more' }, { items: [person('b', { invited: true })], next_cursor: null }];
  const asked = serve({ 'GET /api/v1/users': () => pages.shift() });
  showPage(UsersPage, UsersSearch, '/users?state=invited');
  await screen.findByText('Person b');
  expect(screen.queryByText('Person a')).toBeNull();
  expect(asked).toHaveLength(2);
});

it('says when nobody is like that, and shows all again', async () => {
  serve({ 'GET /api/v1/users': { items: [], next_cursor: null } });
  const router = showPage(UsersPage, UsersSearch, '/users?q=nobody&role=admin');
  (await screen.findByRole('button', { name: 'Show all' })).click();
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});
