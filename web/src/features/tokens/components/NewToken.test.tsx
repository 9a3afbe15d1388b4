import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { NewToken } from './NewToken';

afterEach(() => vi.restoreAllMocks());

it('says once what the token is, with the rights that were chosen', async () => {
  const asked = serve({ 'POST /api/v1/tokens': { id: 't1', secret: 'dabir_secret' } });
  show(<NewToken onClose={() => undefined} />);
  fireEvent.change(screen.getByRole('textbox', { name: 'What it is for' }), { target: { value: 'backup' } });
  fireEvent.click(screen.getByRole('checkbox', { name: /^Operate/ }));
  fireEvent.click(screen.getByRole('button', { name: 'Make' }));
  await screen.findByText('dabir_secret');
  expect(asked).toEqual([{ call: 'POST /api/v1/tokens', body: { name: 'backup', scopes: ['read', 'operate'], expires: '90d' } }]);
});

it('asks for a name and a right before the server is asked', async () => {
  const asked = serve({});
  show(<NewToken onClose={() => undefined} />);
  fireEvent.click(screen.getByRole('checkbox', { name: /^Read/ }));
  fireEvent.click(screen.getByRole('button', { name: 'Make' }));
  await waitFor(() => expect(screen.getAllByText(/Say what it is for|at least one right/)).toHaveLength(2));
  expect(asked).toEqual([]);
});
