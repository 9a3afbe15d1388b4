import { QueryClient } from '@tanstack/react-query';
import { act, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { keys } from '../features/account/api';
import type { Choices } from '../lib/preferences';
import { usePreferences } from '../lib/reader';
import { show } from '../testing/reader';
import { Follow } from './Follow';

let choose: (choices: Choices) => void = () => undefined;

function Choose() {
  choose = usePreferences().choose;
  return null;
}

function signedIn(language: 'fa' | 'en', preferences: Choices = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(keys.me, { user: { language, preferences } });
  const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'));
  show(
    <>
      <Follow />
      <Choose />
    </>,
    client,
  );
  return async () => Promise.all(fetch.mock.calls.map(([request]) => (request as Request).text()));
}

afterEach(() => {
  document.cookie = 'dabir_look=; Max-Age=0; Path=/';
  vi.restoreAllMocks();
});

it('a new browser takes the language of the account', async () => {
  const sent = signedIn('fa');
  await waitFor(() => expect(document.documentElement.lang).toBe('fa'));
  expect(document.cookie).toContain('lang=fa');
  expect(await sent()).toEqual([]);
});

it('a choice is kept with the account', async () => {
  const sent = signedIn('en');
  act(() => choose({ lang: 'fa' }));
  await waitFor(async () => expect(await sent()).toEqual(['{"language":"fa"}']));
});

it('a browser with another choice keeps it, and tells the account', async () => {
  document.cookie = 'dabir_look=lang=en; Path=/';
  const sent = signedIn('fa');
  await waitFor(async () => expect(await sent()).toEqual(['{"language":"en"}']));
  expect(document.documentElement.lang).toBe('en');
});

it('a new browser takes the looks of the account', async () => {
  const sent = signedIn('en', { theme: 'dark', digits: 'arabext' });
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
  expect(document.cookie).toContain('digits=arabext');
  expect(await sent()).toEqual([]);
});

it('a browser keeps the looks that were chosen in it, takes the others, and tells the account', async () => {
  document.cookie = 'dabir_look=lang=en&theme=light&zone=Europe/Berlin; Path=/';
  const sent = signedIn('en', { theme: 'dark', density: 'compact' });
  await waitFor(async () => expect((await sent()).map((text) => JSON.parse(text))).toEqual([{ preferences: { theme: 'light', density: 'compact' } }]));
  expect(document.documentElement.dataset).toMatchObject({ theme: 'light', density: 'compact' });
  expect(document.cookie).toContain('zone=Europe');
});

it('what is given back to the language is given back with the account too', async () => {
  document.cookie = 'dabir_look=lang=en&calendar=persian&theme=dark; Path=/';
  const sent = signedIn('en', { calendar: 'persian', theme: 'dark' });
  act(() => choose({ calendar: undefined }));
  await waitFor(async () => expect((await sent()).map((text) => JSON.parse(text))).toEqual([{ preferences: { theme: 'dark' } }]));
});
