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
  });
  showPage(() => <Palette onClose={() => undefined} onAppearance={() => undefined} />, object({}), '/');
  fireEvent.change(await screen.findByRole('textbox'), { target: { value: 'sina' } });
  await waitFor(() => expect(screen.getAllByRole('menuitem', { name: /^Sina/ })).toHaveLength(16));
  expect(screen.getAllByRole('menuitem', { name: /^Sina person/ })).toHaveLength(8);
  const addresses = () => vi.mocked(fetch).mock.calls.map(([request]) => (request as Request).url);
  await waitFor(() => expect(addresses().some((url) => /users.*[?&]query=sina/.test(url))).toBe(true));
});
