import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { en } from './locales/en';
import { start } from './main';
import { showTemplate } from './testing/page';

/** A room that hangs up: at once, or after a first word. */
class HangingUp {
  static addresses: string[] = [];
  static welcome: object | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(address: string) {
    HangingUp.addresses.push(address);
    queueMicrotask(() => {
      if (HangingUp.welcome) this.onmessage?.({ data: JSON.stringify(HangingUp.welcome) });
      this.onclose?.();
    });
  }
  close(): void {}
}

function phase(): string | undefined {
  return document.getElementById('card')?.dataset.phase;
}

beforeEach(() => {
  vi.useFakeTimers();
  HangingUp.addresses = [];
  HangingUp.welcome = null;
  showTemplate();
  document.body.dataset.room = '14';
  document.documentElement.lang = 'en';
  vi.stubGlobal('WebSocket', HangingUp);
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
  expect(HangingUp.addresses.map((address) => new URL(address).search)).toEqual(['?seat=s']);
});

it('who came from the join page goes back there for another way in', async () => {
  const went = vi.spyOn(location, 'replace').mockImplementation(() => {});
  history.replaceState(null, '', '/rooms/14/');
  await comesBack({ seat: 's', name: 'Sara', byLink: true, from: '7m2k9x4qv0tc' });
  expect(went.mock.calls.map(([address]) => new URL(String(address)).pathname)).toEqual(['/j/7m2k9x4qv0tc']);
  expect(phase()).not.toBe('badlink');
  went.mockRestore();
  history.replaceState(null, '', '/');
});

it('a page that comes back says how far it has come, and in which count', async () => {
  HangingUp.welcome = {
    type: 'welcome',
    you: { id: 'a', name: 'Sara', role: 'participant', muted: false, seat: 's' },
    room: { id: '14', name: 'Sprint', starts_at: null, ends_at: null, locked: false },
    participants: [],
    hands: [],
    polls: [],
    agenda: { items: [], current: null, started_at: null },
    minutes: { rev: 0, text: '' },
    epoch: 'e1',
    offset: 7,
    history: [],
    more: false,
    now: '2026-11-21T10:30:00Z',
  };
  await comesBack({ seat: 's' });
  expect(new URL(HangingUp.addresses[1] ?? '').search).toBe('?seat=s&after=7&epoch=e1');
});

it('a guest who lost their seat comes in again by name', async () => {
  await comesBack({ seat: 's', name: 'Ali' });
  expect(HangingUp.addresses.map((address) => new URL(address).search).slice(0, 2)).toEqual(['?seat=s', '?name=Ali']);
});
