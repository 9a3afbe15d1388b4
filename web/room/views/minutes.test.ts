import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeRoom, showTemplate } from '../testing/page';
import { minutesView } from './minutes';

let offset = 0;

function open(): { room: FakeRoom; box: HTMLTextAreaElement } {
  showTemplate();
  return { room: new FakeRoom(minutesView), box: document.getElementById('minutes-text') as HTMLTextAreaElement };
}

function type(box: HTMLTextAreaElement, text: string): void {
  box.value = text;
  box.dispatchEvent(new Event('input'));
}

function heard(room: FakeRoom, rev: number, text: string, by = 'Ali'): void {
  room.tell({ type: 'minutes', offset: ++offset, at: '2026-11-21T10:31:00Z', rev, text, by });
}

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  offset = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

it('sends what was typed after a pause, on the revision it was typed on', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nthree!');
  expect(room.sent).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(room.sent).toEqual([{ type: 'minutes', base: 1, text: 'one\ntwo\nthree!' }]);
});

it('puts an edit of somebody else into the text that is being typed', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nmine');
  heard(room, 2, 'theirs\ntwo\nthree');
  expect(box.value).toBe('theirs\ntwo\nmine');
  vi.advanceTimersByTime(1_000);
  expect(room.sent.at(-1)).toEqual({ type: 'minutes', base: 2, text: 'theirs\ntwo\nmine' });
});

it('goes on from what a room has whose journal was begun anew', () => {
  const { room, box } = open();
  room.welcome({ minutes: { rev: 7, text: 'one\ntwo\nthree' } });
  type(box, 'one\ntwo\nmine');
  room.welcome({ epoch: 'e2', minutes: { rev: 2, text: 'earlier\ntwo\nthree' } });
  expect(box.value).toBe('earlier\ntwo\nmine');
  vi.advanceTimersByTime(1_000);
  expect(room.sent.at(-1)).toEqual({ type: 'minutes', base: 2, text: 'earlier\ntwo\nmine' });
});

it('goes on from its own edit when that comes back, with what was typed since', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nthree four');
  vi.advanceTimersByTime(1_000);
  type(box, 'one\ntwo\nthree four five');
  heard(room, 2, 'one\ntwo\nthree four', 'Sara');
  expect(box.value).toBe('one\ntwo\nthree four five');
  vi.advanceTimersByTime(1_000);
  expect(room.sent.at(-1)).toEqual({ type: 'minutes', base: 2, text: 'one\ntwo\nthree four five' });
});

it('never throws typed text away when both changed the same line', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\nmine\nthree');
  heard(room, 2, 'one\ntheirs\nthree');
  vi.advanceTimersByTime(1_000);
  expect(box.value).toBe('one\nmine\nthree');
  expect(document.getElementById('conflict')?.hidden).toBe(false);
  expect(document.getElementById('theirs')?.textContent).toBe('one\ntheirs\nthree');
  expect(room.sent).toEqual([]);
  document.getElementById('keep-mine')?.click();
  expect(room.sent).toEqual([{ type: 'minutes', base: 2, text: 'one\nmine\nthree' }]);
  expect(document.getElementById('conflict')?.hidden).toBe(true);
});

it('takes the other text only when asked', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\nmine\nthree');
  heard(room, 2, 'one\ntheirs\nthree');
  document.getElementById('take-theirs')?.click();
  expect(box.value).toBe('one\ntheirs\nthree');
  expect(room.sent).toEqual([]);
});

it('merges after a refusal and sends again', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nmine');
  vi.advanceTimersByTime(1_000);
  room.tell({ type: 'error', code: 'minutes.conflict', detail: '', re: 'minutes', rev: 3, text: 'theirs\ntwo\nthree' });
  expect(box.value).toBe('theirs\ntwo\nmine');
  vi.advanceTimersByTime(1_000);
  expect(room.sent.at(-1)).toEqual({ type: 'minutes', base: 3, text: 'theirs\ntwo\nmine' });
});

it('keeps the draft over a reload and sends it on what it was written on', () => {
  const first = open();
  first.room.welcome();
  first.room.goes('waiting');
  type(first.box, 'one\ntwo\nwritten while cut');
  expect(document.getElementById('minutes-state')?.textContent).toBe('No connection; kept on this device');
  const second = open();
  expect(second.box.value).toBe('one\ntwo\nwritten while cut');
  second.room.welcome({ minutes: { rev: 5, text: 'changed\ntwo\nthree' } });
  expect(second.box.value).toBe('changed\ntwo\nwritten while cut');
  vi.advanceTimersByTime(1_000);
  expect(second.room.sent.at(-1)).toEqual({ type: 'minutes', base: 5, text: 'changed\ntwo\nwritten while cut' });
});

it('knows its own edit again when a cut came between it and its echo', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nthree four');
  vi.advanceTimersByTime(1_000);
  room.goes('waiting');
  type(box, 'one\ntwo\nthree four five');
  room.goes('live');
  heard(room, 2, 'one\ntwo\nthree four', 'Sara');
  expect(box.value).toBe('one\ntwo\nthree four five');
  expect(document.getElementById('conflict')?.hidden).toBe(true);
});

it('tries again when an edit was refused', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nmine');
  vi.advanceTimersByTime(1_000);
  room.tell({ type: 'error', code: 'rate.limited', detail: '', re: 'minutes' });
  expect(room.sent).toHaveLength(1);
  vi.advanceTimersByTime(6_000);
  room.redraw();
  vi.advanceTimersByTime(1_000);
  expect(room.sent).toHaveLength(2);
});

it('sends again after a cut what was never told back', () => {
  const { room, box } = open();
  room.welcome();
  type(box, 'one\ntwo\nmine');
  vi.advanceTimersByTime(1_000);
  room.goes('waiting');
  room.goes('live');
  vi.advanceTimersByTime(1_000);
  expect(room.sent).toHaveLength(2);
});
