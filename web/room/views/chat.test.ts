import { beforeEach, expect, it } from 'vitest';
import type { Chat } from '../protocol';
import type { View } from '../room';
import { AT, FakeRoom, showTemplate } from '../testing/page';
import { chatView } from './chat';
import { composerView } from './composer';

let room: FakeRoom;
/** Both share the page, as they do in the room. */
const talkView: View = (room) => {
  const views = [chatView(room), composerView(room)];
  return (state, line) => views.forEach((view) => view(state, line));
};

let box: HTMLTextAreaElement;

beforeEach(() => {
  sessionStorage.clear();
  showTemplate();
  room = new FakeRoom(talkView);
  box = document.getElementById('message') as HTMLTextAreaElement;
  room.welcome();
});

function press(key: string, part: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true, ...part });
  box.dispatchEvent(event);
  return event;
}

function chat(offset: number, text: string, from_id = 'b'): Chat {
  return { type: 'chat', offset, at: AT, from: from_id === 'a' ? 'Sara' : 'Ali', from_id, text };
}

it('Enter sends the text as it was typed, half-spaces included', () => {
  box.value = 'می‌خواهم';
  expect(press('Enter').defaultPrevented).toBe(true);
  expect(room.current.outbox.map(({ text }) => text)).toEqual(['می‌خواهم']);
  expect(box.value).toBe('');
});

it.each([
  ['Shift+Enter makes a line', 'Enter', { shiftKey: true }],
  ['Enter ends a composition', 'Enter', { isComposing: true }],
  ['Shift+Space types a half-space', ' ', { shiftKey: true }],
])('%s', (_, key, part) => {
  box.value = 'x';
  expect(press(key, part).defaultPrevented).toBe(false);
  expect(room.current.outbox).toEqual([]);
});

it('an empty message, or one of the muted, is not sent and stays where it is', () => {
  box.value = '   ';
  press('Enter');
  room.welcome({ you: { id: 'a', name: 'Sara', role: 'participant', muted: true, seat: 's' } });
  box.value = 'x';
  press('Enter');
  expect(room.current.outbox).toEqual([]);
  expect(box.value).toBe('x');
});

it('text stays text, and only web addresses become links', () => {
  room.tell(chat(1, '<img src=x> javascript:alert(1) see https://a.example/b?c=1.'));
  const message = document.querySelector('#messages p');
  expect(message?.querySelector('img')).toBeNull();
  expect([...(message?.querySelectorAll('a') ?? [])].map((a) => a.getAttribute('href'))).toEqual(['https://a.example/b?c=1']);
  expect(message?.textContent).toBe('<img src=x> javascript:alert(1) see https://a.example/b?c=1.');
});

it('messages of one person stand together, under a name of its own direction', () => {
  for (const message of [chat(1, 'a'), chat(2, 'b'), chat(3, 'c', 'a')]) room.tell(message);
  const rows = [...document.querySelectorAll('#messages > li')];
  expect(rows.map((row) => row.className)).toEqual(['msg', 'msg next', 'msg mine']);
  expect(rows[0]?.querySelector('header bdi')?.textContent).toBe('Ali');
});

it('a message says where it is until the room has told it back', () => {
  room.goes('waiting');
  box.value = 'later';
  press('Enter');
  const pending = () => document.querySelector('#outbox .why')?.textContent;
  expect(pending()).toBe('Will be sent once connected');
  room.goes('live');
  expect(pending()).toBe('Sending…');
  const nonce = room.current.outbox[0]?.nonce ?? '';
  room.tell({ type: 'written', nonce });
  room.tell({ type: 'error', code: 'rate.limited', detail: '', re: 'chat', nonce });
  expect(pending()).toContain('Too many messages at once');
  room.tell({ ...chat(1, 'later', 'a'), nonce });
  expect(document.querySelectorAll('#outbox li')).toHaveLength(0);
});

it('a draft survives a reload', () => {
  box.value = 'half a tho';
  box.dispatchEvent(new Event('input'));
  showTemplate();
  new FakeRoom(talkView);
  expect((document.getElementById('message') as HTMLTextAreaElement).value).toBe('half a tho');
});
