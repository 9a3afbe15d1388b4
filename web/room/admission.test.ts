import { afterEach, expect, it, vi } from 'vitest';
import { address, joinPage, phaseOfRefusal, readInfo, readRefusal, takeArrival } from './admission';

afterEach(() => {
  vi.unstubAllGlobals();
  history.replaceState(null, '', '/');
});

it.each([
  ['token.used', 'badlink'],
  ['token.expired', 'badlink'],
  ['guests.refused', 'members'],
  ['room.locked', 'locked'],
  ['room.full', 'full'],
  ['room.ended', 'ended'],
  ['person.removed', 'kicked'],
  ['person.blocked', 'blocked'],
  ['upgrade.required', null],
  ['room.busy', null],
])('%s shows the card %s', (code, phase) => {
  expect(phaseOfRefusal(code)).toBe(phase);
});

it('a token is taken out of the address, and the rest of it stays', () => {
  history.replaceState(null, '', '/rooms/14/?lang=fa#token=a.b-c_d');
  expect(takeArrival()).toEqual({ token: 'a.b-c_d', from: null });
  expect(location.pathname + location.search + location.hash).toBe('/rooms/14/?lang=fa');
  expect(takeArrival()).toEqual({ token: null, from: null });
});

it('the join page that somebody comes from is one of this house', () => {
  const arrive = (hash: string) => {
    history.replaceState(null, '', `/rooms/14/?lang=fa#${hash}`);
    return takeArrival().from;
  };
  expect(arrive('token=t&from=7m2k9x4qv0tc')).toBe('7m2k9x4qv0tc');
  expect(new URL(joinPage('7m2k9x4qv0tc')).pathname).toBe('/j/7m2k9x4qv0tc');
  expect(new URL(joinPage('7m2k9x4qv0tc')).search).toBe('?lang=fa');
  expect(arrive('from=7m2k9x4qv0tc')).toBeNull();
  for (const foreign of ['//evil.example', '../..', 'a?b', '']) expect(arrive(`token=t&from=${encodeURIComponent(foreign)}`)).toBeNull();
});

it('the socket lies beside the page, wherever that is', () => {
  history.replaceState(null, '', '/rooms/14/?lang=fa');
  expect(new URL(address(new URLSearchParams({ name: 'علی & co' }))).pathname).toBe('/rooms/14/ws');
  expect(address(new URLSearchParams({ name: 'x' }))).toMatch(/^ws/);
});

it('a room that cannot be reached, or answers nonsense, gives nothing', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
  expect(await readInfo()).toBeNull();
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>bad gateway')));
  expect(await readRefusal(new URLSearchParams())).toBeNull();
});

it('a refusal is known by its code', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ code: 'room.locked', detail: '' }, { status: 403 })));
  expect(await readRefusal(new URLSearchParams({ name: 'x' }))).toBe('room.locked');
});
