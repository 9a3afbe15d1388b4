import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showPage } from '../../../testing/page';
import { Refusal, serve } from '../../../testing/server';
import type { Setting } from '../api';
import { changeUnsaved, NONE } from '../drafts';
import { SettingsSearch } from '../search';
import { SettingsPage } from './SettingsPage';

const setting = (key: string, more: Partial<Setting>): Setting => ({
  key, section: 'meetings', kind: 'duration', value: '5s', default: '5s', source: 'default', origin: null, live: true, pending: false, editable: true, allowed: '500ms to 1h', choices: null, ...more,
});
const items = [
  setting('meetings.poll_interval', {}),
  setting('meetings.vanish_polls', { kind: 'integer', value: 5, default: 3, source: 'here', origin: 'Sara', beneath: 4 }),
  setting('meetings.django.token', { kind: 'secret', value: null, is_set: true, editable: false }),
];
const LIST = { 'GET /api/v1/settings': { items } };

afterEach(() => {
  vi.restoreAllMocks();
  changeUnsaved(() => NONE);
});

async function open() {
  showPage(SettingsPage, SettingsSearch, '/settings');
  await screen.findByRole('heading', { name: 'Meetings' });
}

const write = (name: string, value: string) => fireEvent.change(screen.getByRole('textbox', { name }), { target: { value } });
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));

it('changes are gathered, looked through, and saved at once', async () => {
  const asked = serve({ ...LIST, 'PATCH /api/v1/settings': { items: [] } });
  await open();
  write('The source is asked every', '۱۰');
  press('Back to 4');
  screen.getByText('2 changes');
  press('Look through and save…');
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getAllByRole('row').map((row) => row.textContent)).toEqual([
    'PartBeforeAfter', 'The source is asked every5 seconds10 seconds', 'Answers that must agree54',
  ]);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
  await screen.findByText('2 settings are changed.');
  expect(asked.find(({ call }) => call.startsWith('PATCH'))?.body).toEqual({
    changes: { 'meetings.poll_interval': '10s', 'meetings.vanish_polls': null },
  });
  await waitFor(() => expect(screen.queryByText('2 changes')).toBeNull());
});

it('what is typed back to what it was is no change', async () => {
  serve(LIST);
  await open();
  write('Answers that must agree', '6');
  screen.getByText('1 change');
  write('Answers that must agree', '5');
  expect(screen.queryByText('1 change')).toBeNull();
});

it('finds settings by what is said of them, and keeps those in sight that are being changed', async () => {
  serve(LIST);
  await open();
  write('Answers that must agree', '6');
  fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'source' } });
  await waitFor(() => expect(screen.queryByText('Token for Django')).toBeNull());
  expect([...document.querySelectorAll<HTMLElement>('[data-setting]')].map((row) => row.dataset.setting)).toEqual(['meetings.poll_interval', 'meetings.vanish_polls']);
});

it('what cannot be read is said beside it and not sent', async () => {
  const asked = serve(LIST);
  await open();
  write('Answers that must agree', 'many');
  press('Look through and save…');
  expect(screen.getByText(/This cannot be read/)).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(asked.some(({ call }) => call.startsWith('PATCH'))).toBe(false);
});

it('what the server refuses is said beside its setting, and stays typed', async () => {
  const errors = [{ field: 'meetings.poll_interval', detail: '1ms is shorter than 500ms' }];
  serve({ ...LIST, 'PATCH /api/v1/settings': new Refusal(422, 'settings.invalid', 'one setting is not allowed', errors) });
  await open();
  write('The source is asked every', '1');
  press('Look through and save…');
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Save' }));
  await screen.findByText('1ms is shorter than 500ms');
  expect(screen.getByText(/This is not allowed:/).querySelector('bdi')?.lang).toBe('en');
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'The source is asked every' }).value).toBe('1');
});

it('says in words of the reader what is allowed, and nothing more once it is put right', async () => {
  const errors = [
    { field: 'meetings.poll_interval', detail: '`1ms` is not allowed; write 500ms to 1h' },
    { field: 'meetings.vanish_polls', detail: 'too few' },
  ];
  serve({ ...LIST, 'PATCH /api/v1/settings': new Refusal(422, 'settings.invalid', 'some are not allowed', errors) });
  await open();
  write('The source is asked every', '1');
  write('Answers that must agree', '2');
  press('Look through and save…');
  fireEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Save' }));
  await screen.findByText('This is not allowed; write 500 milliseconds to 1 hour.');
  write('The source is asked every', '2');
  expect(screen.queryByText(/This is not allowed; write/)).toBeNull();
  screen.getByText('too few');
  press('Look through and save…');
  expect(within(await screen.findByRole('dialog')).queryByRole('alert')).toBeNull();
});

it('what is not saved outlives the page, and the window asks before it closes over it', async () => {
  serve(LIST);
  const router = showPage(SettingsPage, SettingsSearch, '/settings');
  await screen.findByRole('heading', { name: 'Meetings' });
  const closes = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  write('Answers that must agree', '6');
  expect(closes()).toBe(false);
  await act(() => router.navigate({ to: '/elsewhere' as string }));
  expect(screen.queryByRole('heading', { name: 'Meetings' })).toBeNull();
  expect(closes()).toBe(false);
  await act(() => router.navigate({ to: '/settings' as string }));
  await screen.findByText('1 change');
  press('Forget them');
  expect(closes()).toBe(true);
});

it('secrets are never shown, and what cannot be changed says so', async () => {
  serve(LIST);
  await open();
  screen.getByText('set; it is never shown');
  screen.getByText(/It is not changed here.*Secrets stand in the file/);
});
