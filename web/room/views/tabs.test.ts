import { beforeEach, expect, it } from 'vitest';
import { FakeRoom, showTemplate } from '../testing/page';
import { tabsView } from './tabs';

let room: FakeRoom;

beforeEach(() => {
  sessionStorage.clear();
  showTemplate();
  room = new FakeRoom(tabsView);
  room.welcome();
});

function press(part: KeyboardEventInit): boolean {
  const event = new KeyboardEvent('keydown', { key: 'ا', code: 'KeyH', altKey: true, cancelable: true, ...part });
  dispatchEvent(event);
  return event.defaultPrevented;
}

it('a key raises the hand by its place, whatever the keyboard writes', () => {
  expect(press({})).toBe(true);
  expect(room.sent).toContainEqual({ type: 'hand', up: true });
});

it.each([
  ['without Alt', { altKey: false }],
  ['with Shift', { shiftKey: true }],
  ['with Control, as AltGr is on Windows', { ctrlKey: true }],
  ['held down', { repeat: true }],
  ['that means nothing here', { code: 'KeyQ' }],
])('a key %s is left to the browser', (_, part) => {
  expect(press(part)).toBe(false);
  expect(room.sent).toEqual([]);
});

it('a part that is chosen is the current one, and its unread mark goes', () => {
  const chat = { type: 'chat', offset: 1, at: '2026-11-21T10:30:00Z', from: 'Ali', from_id: 'b', text: 'x' } as const;
  room.tell(chat);
  document.querySelector<HTMLElement>('[data-show=people]')?.click();
  room.tell({ ...chat, offset: 2 });
  const mark = document.getElementById('badge-chat');
  expect(mark?.textContent).toBe('1');
  document.querySelector<HTMLElement>('[data-show=chat]')?.click();
  expect(mark?.hidden).toBe(true);
  expect(document.querySelector('[aria-current=true]')?.getAttribute('data-show')).toBe('chat');
});
