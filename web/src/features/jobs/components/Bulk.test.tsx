import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show, showWithNews } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import { Bulk } from './Bulk';

afterEach(() => vi.restoreAllMocks());

it('an order for many is given once one has read for how many it is', async () => {
  const asked = serve({ 'GET /api/v1/jobs': { items: [], total: 20 }, 'POST /api/v1/jobs/retry': { jobs: 59 } });
  showWithNews(<Bulk filter={{ queue: 'sync' }} />);
  fireEvent.click(screen.getByRole('button', { name: /^Try all/ }));
  fireEvent.click(await screen.findByRole('button', { name: 'Try 60 jobs again' }));
  await screen.findByText('59 jobs wait for workers again.');
  expect(asked.filter(({ call }) => call.startsWith('POST'))).toEqual([{ call: 'POST /api/v1/jobs/retry', body: { queue: 'sync' } }]);
});

it('offers what can be done in a state alone, and nothing to those who only look', () => {
  const { unmount } = show(<Bulk filter={{ state: 'running' }} />);
  expect(screen.getAllByRole('button').map(({ textContent }) => textContent)).toEqual(['Cancel all that match…']);
  unmount();
  show(<Bulk filter={{}} />, undefined, { name: 'Mina', role: 'auditor' });
  expect(screen.queryAllByRole('button')).toEqual([]);
});

it('is not given when one thinks better of it', async () => {
  const asked = serve({ 'GET /api/v1/jobs': { items: [], total: 1 } });
  show(<Bulk filter={{ state: 'queued' }} />);
  fireEvent.click(screen.getByRole('button', { name: /^Cancel all/ }));
  await screen.findByRole('button', { name: 'Cancel 1 job' });
  fireEvent.click(screen.getByRole('button', { name: 'Leave them' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Cancel 1 job' })).toBeNull());
  expect(asked.every(({ call }) => call.startsWith('GET'))).toBe(true);
});
