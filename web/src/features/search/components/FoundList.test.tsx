import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { object } from 'valibot';
import { showPage } from '../../../testing/page';
import { serve } from '../../../testing/server';
import { FoundList } from './FoundList';

const hit = (id: string) => ({ kind: 'task', id, title: `Plan ${id}`, snippet: [{ text: 'the ', is_found: false }, { text: 'plan', is_found: true }], updated_at: '2026-11-20T08:00:00Z' });
const list = (q = 'plan') => showPage(() => <FoundList asked={{ q, kinds: [] }} onAllKinds={() => undefined} />, object({}), '/');

afterEach(() => vi.restoreAllMocks());

it('a page of which one may see nothing is not the last, and nothing is counted before all was read', async () => {
  let page = 0;
  const pages = [{ items: [], next_cursor: '0.3' }, { items: [], next_cursor: '0.2' }, { items: [hit('1'), hit('2')], next_cursor: null }];
  serve({ 'GET /api/v1/search': () => pages[page++] });
  list();
  await screen.findByText('2 were found.');
  expect(page).toBe(3);
});

it('while there may be more, no number is said as if it were all', async () => {
  serve({ 'GET /api/v1/search': () => ({ items: Array.from({ length: 50 }, (_, n) => hit(String(n))), next_cursor: '1.7' }) });
  list();
  await waitFor(() => expect(screen.getByRole('status').textContent).toMatch(/\d+ so far, and there may be more\./));
});

it('of nothing it says what to try', async () => {
  serve({ 'GET /api/v1/search': { items: [], next_cursor: null } });
  list('"annual plan" -draft');
  await screen.findByText(/Words between quotation marks/);
  expect(screen.getAllByRole('listitem')).toHaveLength(3);
});
