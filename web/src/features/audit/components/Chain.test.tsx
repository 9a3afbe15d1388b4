import { useInfiniteQuery } from '@tanstack/react-query';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { listAudit } from '../api';
import { Chain } from './Chain';

function List() {
  useInfiniteQuery(listAudit({}));
  return null;
}

afterEach(() => vi.restoreAllMocks());

it('checking again reads the list again too', async () => {
  const asked = serve({ 'GET /api/v1/audit/verify': { whole: true, seq: 3 }, 'GET /api/v1/audit': { items: [], next_cursor: null } });
  show(
    <>
      <Chain />
      <List />
    </>,
  );
  await screen.findByText(/Whole/);
  fireEvent.click(screen.getByRole('button', { name: 'Check again' }));
  await waitFor(() => expect(asked.map(({ call }) => call).sort()).toEqual(['GET /api/v1/audit', 'GET /api/v1/audit', 'GET /api/v1/audit/verify', 'GET /api/v1/audit/verify']));
});
