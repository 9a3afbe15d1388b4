// The header: what the meeting is, the time left, and whether the line holds.

import type { Line } from '../connection';
import { $, el, write } from '../dom';
import type { Room, View } from '../room';
import type { State } from '../store';

/** Cuts shorter than this are only marked, not told. */
const BLINK_MS = 2_000;

export const frameView: View = (room) => {
  let cutAt = 0;
  return (state, line) => {
    cutAt = line === 'live' ? 0 : cutAt || Date.now();
    showLine(room, line, cutAt);
    write($('room-name'), state.room?.name ?? '');
    write($('time-left'), timeLeft(room, state));
  };
};

function showLine({ words, calendar }: Room, line: Line, cutAt: number): void {
  const live = line === 'live';
  const mark = $('link');
  mark.className = `st ${live ? 'live' : 'warn'}`;
  write(mark.lastElementChild as HTMLElement, live ? words.live : words.cutSince(calendar.clock(cutAt)));
  const long = cutAt > 0 && Date.now() - cutAt > BLINK_MS;
  if ($('cut').hidden !== long) return;
  $('cut').hidden = !long;
  $('cut').replaceChildren(...(long ? [el('p', { className: 'banner' }, words.reconnecting(!navigator.onLine))] : []));
}

function timeLeft(page: Room, { room }: State): string {
  if (!room?.ends_at) return '';
  const { words, calendar } = page;
  const seconds = (Date.parse(room.ends_at) - page.now()) / 1000;
  if (seconds <= 0) return words.over;
  if (seconds < 5 * 60) return words.timeLeft(calendar.span(seconds));
  const minutes = Math.ceil(seconds / 60);
  return minutes > 90 ? words.timeLeft(calendar.span(minutes * 60).slice(0, -3)) : words.minutesLeft(minutes, calendar.number(minutes));
}
