import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showWithNews } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { TokenList } from './TokenList';

const token = { id: 't1', user_id: 'u1', name: 'backup', scopes: ['read', 'operate'], created_at: '2026-11-20T12:00:00Z', expires_at: null, used_at: null };

afterEach(() => vi.restoreAllMocks());

it('revokes after a moment in which it can be taken back', async () => {
  const asked = serve({ 'GET /api/v1/tokens': { items: [token] }, 'DELETE /api/v1/tokens/t1': null });
  showWithNews(<TokenList />);
  await screen.findByText('Read and Operate');
  const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));
  press(/^Revoke the token/);
  await screen.findByText(/is revoked in a moment/);
  expect(asked.some(({ call }) => call.startsWith('DELETE'))).toBe(false);
  press('Undo');
  press(/^Revoke the token/);
  fireEvent.click((await screen.findAllByRole('button', { name: 'Close' })).at(-1) as HTMLElement);
  await waitFor(() => expect(asked.filter(({ call }) => call === 'DELETE /api/v1/tokens/t1')).toHaveLength(1));
});
