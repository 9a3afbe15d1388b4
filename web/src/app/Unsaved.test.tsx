import { act, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { object } from 'valibot';
import { changeUnsaved, NONE } from '../features/settings/drafts';
import { showPage } from '../testing/page';
import { Navigation } from './Navigation';

afterEach(() => act(() => changeUnsaved(() => NONE)));

it('the menu says that changes of the settings wait, and where', async () => {
  showPage(() => <Navigation />, object({}), '/meetings');
  await screen.findByRole('link', { name: 'Settings' });
  act(() => changeUnsaved((now) => ({ ...now, drafts: { 'rooms.max_clients': '50', 'ports.range': '1-2' } })));
  expect(screen.getByRole('link', { name: /^Settings/ }).textContent).toBe('Settings2 not saved');
  act(() => changeUnsaved(() => NONE));
  screen.getByRole('link', { name: 'Settings' });
});
