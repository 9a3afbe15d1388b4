import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { client } from '../../../testing/client';
import { showWithNews } from '../../../testing/reader';
import { Refusal, serve } from '../../../testing/server';
import { endOf, OrderBox } from './OrderBox';

afterEach(() => vi.restoreAllMocks());

it('an end is counted from now, chosen, or none', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  expect(endOf('never', 'x', now)).toBeNull();
  expect(endOf('hour', 'x', now)).toBe('2026-11-21T11:00:00.000Z');
  expect(endOf('week', 'x', now)).toBe('2026-11-28T10:00:00.000Z');
  expect(endOf('moment', '2027-01-01T00:00:00Z', now)).toBe('2027-01-01T00:00:00Z');
});

it('an order is given with the version that was looked at, and a refused reason stands beside its field', async () => {
  let refuses = true;
  const asked = serve({
    'POST /api/v1/clients/ali/block': () => (refuses ? new Refusal(422, 'clients.invalid', '', [{ field: 'reason', detail: 'write it on one line' }]) : client('ali', { version: 8, blocked: true, state: 'blocked' })),
  });
  const onClose = vi.fn();
  showWithNews(<OrderBox order="block" clients={[client('ali', { version: 7 })]} onClose={onClose} />);
  fireEvent.change(screen.getByRole('textbox', { name: 'Why' }), { target: { value: ' odd ' } });
  fireEvent.click(screen.getByRole('button', { name: 'Block' }));
  await screen.findByText('A reason is one line with at most 500 letters.');
  expect(onClose).not.toHaveBeenCalled();
  refuses = false;
  fireEvent.click(screen.getByRole('button', { name: 'Block' }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(asked[1]).toEqual({ call: 'POST /api/v1/clients/ali/block', body: { reason: 'odd', until: null, version: 7 } });
});

it('what is wrong with the words of many stands there, too', async () => {
  const refused = (username: string) => ({ username, client: null, code: 'clients.invalid', detail: '`until`: it is over already' });
  serve({ 'POST /api/v1/clients/bulk': { done: 0, refused: 2, items: [refused('ali'), refused('mina')] } });
  showWithNews(<OrderBox order="pause" clients={[client('ali'), client('mina')]} onClose={() => undefined} />);
  fireEvent.click(screen.getByRole('button', { name: 'Pause' }));
  await screen.findByText('This moment is over already; choose a later one, or none.');
});
