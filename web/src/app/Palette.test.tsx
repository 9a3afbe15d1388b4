import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { object } from 'valibot';
import { showPage } from '../testing/page';
import { serve } from '../testing/server';
import { Palette } from './Palette';

const many = (what: string, more: object = {}) => Array.from({ length: 20 }, (_, i) => ({ id: `${what}${i}`, name: `Sina ${what} ${i}`, ...more }));

afterEach(() => vi.restoreAllMocks());

it('people and meetings each have their share, and both are asked of the server', async () => {
  serve({
    'GET /api/v1/users': { items: many('person', { email: 'sina@example.org' }), next_cursor: null },
    'GET /api/v1/meetings': { items: many('meeting'), next_cursor: null },
    'GET /api/v1/search': { items: [], next_cursor: null },
  });
  showPage(() => <Palette onClose={() => undefined} onAppearance={() => undefined} />, object({}), '/');
  fireEvent.change(await screen.findByRole('textbox'), { target: { value: 'sina' } });
  await waitFor(() => expect(screen.getAllByRole('menuitem', { name: /^Sina/ })).toHaveLength(16));
  expect(screen.getAllByRole('menuitem', { name: /^Sina person/ })).toHaveLength(8);
  const addresses = () => vi.mocked(fetch).mock.calls.map(([request]) => (request as Request).url);
  await waitFor(() => expect(addresses().some((url) => /users.*[?&]query=sina/.test(url))).toBe(true));
});

const hit = (kind: string, id: string, title: string) => ({ kind, id, title, snippet: [{ text: 'about the ', is_found: false }, { text: 'budget', is_found: true }], updated_at: '2026-11-20T08:00:00Z' });

it('what is found stands by kind, as links, with the words that were looked for', async () => {
  serve({
    'GET /api/v1/users': { items: [], next_cursor: null },
    'GET /api/v1/meetings': { items: [], next_cursor: null },
    'GET /api/v1/search': { items: [hit('task', 't1', 'Write it'), hit('document', 'd1', 'The plan')], next_cursor: null },
  });
  showPage(() => <Palette onClose={() => undefined} onAppearance={() => undefined} />, object({}), '/');
  fireEvent.change(await screen.findByRole('textbox'), { target: { value: 'budget' } });
  const task = (await screen.findByText('Write it')).closest('a');
  expect(task?.getAttribute('href')).toBe('/tasks/t1');
  expect(screen.getByText('The plan').closest('a')?.getAttribute('href')).toBe('/documents/d1');
  expect([...document.querySelectorAll('mark')].map(({ textContent }) => textContent)).toEqual(['budget', 'budget']);
  expect([...document.querySelectorAll('header')].map(({ textContent }) => textContent)).toEqual(['Tasks', 'Documents']);
  expect(screen.getByText(/All that is found for/).closest('a')?.getAttribute('href')).toBe('/search?q=budget');
});

it('with kinds chosen only these are asked for, and commands are no answer', async () => {
  serve({
    'GET /api/v1/users': { items: [], next_cursor: null },
    'GET /api/v1/meetings': { items: [], next_cursor: null },
    'GET /api/v1/search': { items: [hit('task', 't1', 'Write it')], next_cursor: null },
  });
  showPage(() => <Palette onClose={() => undefined} onAppearance={() => undefined} />, object({}), '/');
  fireEvent.change(await screen.findByRole('textbox'), { target: { value: 'tas' } });
  await waitFor(() => expect(screen.getAllByText('Tasks')).toHaveLength(3));
  fireEvent.click(screen.getByRole('button', { name: 'Tasks' }));
  const addresses = () => vi.mocked(fetch).mock.calls.map(([request]) => (request as Request).url);
  await waitFor(() => expect(addresses().some((url) => /search\?q=tas.*kinds=task/.test(url))).toBe(true));
  // The chip and the heading of what was found.
  expect(screen.getAllByText('Tasks')).toHaveLength(2);
});
