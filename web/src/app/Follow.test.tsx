import { QueryClient } from '@tanstack/react-query';
import { act, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { MyPatch } from '../features/account/api';
import type { Choices } from '../lib/preferences';
import { usePreferences } from '../lib/reader';
import { show } from '../testing/reader';
import { serve } from '../testing/server';
import { Follow } from './Follow';

let choose: (choices: Choices) => void = () => undefined;

function Choose() {
  choose = usePreferences().choose;
  return null;
}

interface Account {
  language: 'fa' | 'en';
  preferences: Choices & { news?: string[] };
}

/** A server with this account. */
function house(user: Account) {
  const patch = (body: unknown) => Object.assign(user, body);
  const asked = serve({ 'GET /api/v1/auth/me': () => ({ user }), 'PATCH /api/v1/auth/me': patch });
  const told = () => asked.filter(({ call }) => call.startsWith('PATCH')).map(({ body }) => body as MyPatch);
  return { user, told };
}

/** The console in a browser that remembers this. */
function visit(remembered = ''): void {
  if (remembered) document.cookie = `dabir_look=${remembered}; Path=/`;
  show(
    <>
      <Follow />
      <Choose />
    </>,
    new QueryClient(),
  );
}

const shown = ({ lang, dataset }: HTMLElement = document.documentElement): Choices => ({ lang, ...dataset }) as Choices;

afterEach(() => {
  document.cookie = 'dabir_look=; Max-Age=0; Path=/';
  vi.restoreAllMocks();
});

it('a new browser takes the language and the looks of the account', async () => {
  const { told } = house({ language: 'fa', preferences: { theme: 'dark', digits: 'latn' } });
  visit();
  await waitFor(() => expect(shown()).toMatchObject({ lang: 'fa', theme: 'dark' }));
  expect(document.cookie).toContain('digits=latn');
  expect(told()).toEqual([]);
});

it('what was chosen in another browser later counts in this one, and stays in the account', async () => {
  const { told } = house({ language: 'fa', preferences: { theme: 'light' } });
  visit('lang=en&theme=dark&zone=Europe/Berlin');
  await waitFor(() => expect(shown()).toMatchObject({ lang: 'fa', theme: 'light' }));
  expect(document.cookie).toMatch(/lang=fa.*zone=Europe/);
  expect(told()).toEqual([]);
});

it('who signs in after somebody else is not given their wishes', async () => {
  const { told, user } = house({ language: 'en', preferences: {} });
  visit('lang=fa&calendar=persian&theme=dark');
  await waitFor(() => expect(shown().lang).toBe('en'));
  expect(document.cookie).not.toContain('calendar');
  act(() => choose({ density: 'compact' }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { density: 'compact' } }]));
  expect(user.language).toBe('en');
});

it('a choice is kept with the account, beside those made before and in other browsers meanwhile', async () => {
  const { told, user } = house({ language: 'en', preferences: { theme: 'dark' } });
  visit();
  await waitFor(() => expect(shown().theme).toBe('dark'));
  user.preferences = { theme: 'light' };
  act(() => choose({ density: 'compact' }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { theme: 'light', density: 'compact' } }]));
  act(() => choose({ lang: 'fa' }));
  await waitFor(() => expect(told()).toHaveLength(2));
  expect(told()[1]).toEqual({ language: 'fa' });
});

it('a choice made before the account is known counts', async () => {
  const { told } = house({ language: 'en', preferences: { theme: 'dark', density: 'compact' } });
  visit();
  act(() => choose({ theme: 'light' }));
  await waitFor(() => expect(shown()).toMatchObject({ theme: 'light', density: 'compact' }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { theme: 'light', density: 'compact' } }]));
});

it('of what one is told stays with the account when it is to look otherwise', async () => {
  const { told } = house({ language: 'en', preferences: { theme: 'dark', news: ['lost'] } });
  visit();
  await waitFor(() => expect(shown().theme).toBe('dark'));
  act(() => choose({ density: 'compact' }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { theme: 'dark', density: 'compact', news: ['lost'] } }]));
});

it('what this page does not know of stays with the account too', async () => {
  const { told } = house({ language: 'en', preferences: { theme: 'dark', later: 'x' } as Account['preferences'] });
  visit();
  await waitFor(() => expect(shown().theme).toBe('dark'));
  act(() => choose({ density: 'compact' }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { theme: 'dark', density: 'compact', later: 'x' } }]));
});

it('choices that follow each other at once are told in their order', async () => {
  const { told, user } = house({ language: 'en', preferences: { theme: 'dark' } });
  visit();
  await waitFor(() => expect(shown().theme).toBe('dark'));
  for (const theme of ['light', 'auto', 'dark'] as const) {
    act(() => choose({ theme }));
    await waitFor(() => expect(shown().theme).toBe(theme));
  }
  await waitFor(() => expect(told()).toHaveLength(3));
  expect(user.preferences).toEqual({ theme: 'dark' });
});

it('the time zone stays in this browser', async () => {
  const { told } = house({ language: 'en', preferences: { theme: 'dark' } });
  visit();
  await waitFor(() => expect(shown().theme).toBe('dark'));
  act(() => choose({ zone: 'Europe/Berlin' }));
  await waitFor(() => expect(document.cookie).toContain('zone=Europe'));
  act(() => choose({ density: 'compact' }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { theme: 'dark', density: 'compact' } }]));
});

it('what is given back to the language is given back with the account too', async () => {
  const { told } = house({ language: 'en', preferences: { calendar: 'persian', theme: 'dark' } });
  visit('lang=en&calendar=persian&theme=dark');
  act(() => choose({ calendar: undefined }));
  await waitFor(() => expect(told()).toEqual([{ preferences: { theme: 'dark' } }]));
});
