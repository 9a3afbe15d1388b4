import { QueryClient } from '@tanstack/react-query';
import { act, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { keys } from '../features/account/api';
import { usePreferences } from '../lib/reader';
import { show } from '../testing/reader';
import { Follow } from './Follow';

const choose: { lang: (lang: 'fa' | 'en') => void } = { lang: () => undefined };

function Choose() {
  const { choose: set } = usePreferences();
  choose.lang = (lang) => set({ lang });
  return null;
}

function signedIn(language: 'fa' | 'en') {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(keys.me, { user: { language } });
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
  act(() => choose.lang('fa'));
  await waitFor(async () => expect(await sent()).toEqual(['{"language":"fa"}']));
});

it('a browser with another choice keeps it, and tells the account', async () => {
  document.cookie = 'dabir_look=lang=en; Path=/';
  const sent = signedIn('fa');
  await waitFor(async () => expect(await sent()).toEqual(['{"language":"en"}']));
  expect(document.documentElement.lang).toBe('en');
});
