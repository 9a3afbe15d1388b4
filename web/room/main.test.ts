import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { en } from './locales/en';
import { start } from './main';
import { showTemplate } from './testing/page';

/** A room that lets nobody in. */
class Refusing {
  static addresses: string[] = [];
  onmessage: unknown = null;
  onclose: (() => void) | null = null;

  constructor(address: string) {
    Refusing.addresses.push(address);
    queueMicrotask(() => this.onclose?.());
  }
  close(): void {}
}

function phase(): string | undefined {
  return document.getElementById('card')?.dataset.phase;
}

beforeEach(() => {
  vi.useFakeTimers();
  Refusing.addresses = [];
  showTemplate();
  document.body.dataset.room = '14';
  document.documentElement.lang = 'en';
  vi.stubGlobal('WebSocket', Refusing);
  vi.stubGlobal('fetch', async () => new Response('{"code":"seat.unknown"}'));
});

afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function comesBack(kept: object): Promise<unknown> {
  sessionStorage.setItem('dabir.room.14', JSON.stringify(kept));
  start(en);
  return vi.advanceTimersByTimeAsync(600);
}

it('who came by a link and lost their seat needs a new link, and is no guest of the same name', async () => {
  await comesBack({ seat: 's', name: 'Sara', byLink: true });
  expect(phase()).toBe('badlink');
  expect(Refusing.addresses.map((address) => new URL(address).search)).toEqual(['?seat=s']);
});

it('a guest who lost their seat comes in again by name', async () => {
  await comesBack({ seat: 's', name: 'Ali' });
  expect(Refusing.addresses.map((address) => new URL(address).search).slice(0, 2)).toEqual(['?seat=s', '?name=Ali']);
});
