import { QueryClient } from '@tanstack/react-query';
import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { HandOver } from './HandOver';

afterEach(() => vi.restoreAllMocks());

it('a link is forgotten when it is not shown any more', async () => {
  serve({ 'GET /api/v1/auth/links/k1': { expires_at: '2026-11-21T12:00:00Z' } });
  const client = new QueryClient();
  const { unmount } = show(<HandOver url="https://meet.example/welcome/k1" />, client);
  await screen.findByText(/It works once/);
  unmount();
  await waitFor(() => expect(client.getQueryCache().getAll()).toEqual([]));
});
