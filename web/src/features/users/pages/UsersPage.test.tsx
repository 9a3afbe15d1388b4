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

it('asks the server for those in a state', async () => {
  const asked = serve({ 'GET /api/v1/users': { items: [person('b', { invited: true })], next_cursor: null } });
  showPage(UsersPage, UsersSearch, '/users?state=invited&role=writer');
  await screen.findByText('Person b');
  expect(asked).toHaveLength(1);
  expect(vi.mocked(fetch).mock.calls.map(([request]) => new URL((request as Request).url).search)).toEqual(['?limit=200&role=writer&state=invited']);
});

it('auditors look people through and change nobody', async () => {
  serve({ 'GET /api/v1/users': { items: [person('a', {})], next_cursor: null } });
  showPage(UsersPage, UsersSearch, '/users?user=a&invite=yes', { name: 'Mina', role: 'auditor' });
  await screen.findByText('Person a');
  expect(screen.queryAllByRole('link')).toEqual([]);
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('says when nobody is like that, and shows all again', async () => {
  serve({ 'GET /api/v1/users': { items: [], next_cursor: null } });
  const router = showPage(UsersPage, UsersSearch, '/users?q=nobody&role=admin');
  (await screen.findByRole('button', { name: 'Show all' })).click();
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});
