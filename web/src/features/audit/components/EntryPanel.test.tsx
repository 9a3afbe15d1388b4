import { fireEvent, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { show } from '../../../testing/reader';
import type { Entry } from '../api';
import { EntryPanel } from './EntryPanel';

const entry: Entry = {
  seq: 7, at: '2026-11-20T12:34:56Z', at_jalali: '1405/08/29 16:04 jome', actor_kind: 'user', actor_id: 'u1', actor_name: 'Sara', address: '192.0.2.7',
  request_id: 'r1', action: 'user.change', target_kind: 'user', target_id: 'u2', target_name: 'Reza', hash: 'abc',
  before: { name: 'Reza', role: 'operator' }, after: { name: 'Reza', role: 'admin' },
};

it('shows what was before and after, and leads to more of the same', () => {
  const filter = vi.fn();
  show(<EntryPanel entry={entry} onFilter={filter} onClose={() => undefined} />);
  expect(screen.getAllByRole('row').map((row) => row.textContent)).toEqual(['PartBeforeAfter', 'RoleOperatorAdministrator', 'NameRezaReza']);
  expect(document.querySelector('del')?.textContent).toBe('Operator');
  fireEvent.click(screen.getByRole('button', { name: 'All about this' }));
  fireEvent.click(screen.getByRole('button', { name: 'All that they did' }));
  expect(filter.mock.calls).toEqual([[{ kind: 'user', id: 'u2' }], [{ who: 'u1' }]]);
});
