// What surrounds the talk: the header with the time and the line's state, the banners, the tabs.

import { $, el, said } from '../dom';
import type { Line } from '../connection';
import type { Room, View } from '../room';
import type { Banner, State } from '../store';
import { toggleHand } from './chat';

/** Cuts shorter than this are only marked, not told. */
const BLINK_MS = 2_000;

type Part = 'chat' | 'people' | 'polls' | 'agenda' | 'minutes';

export const frameView: View = (room) => {
  const to = (part: Part, id: string) => () => {
    show(part);
    $(id).focus();
  };
  const actions: Record<string, () => void> = {
    KeyC: to('chat', 'message'),
    KeyM: to('minutes', 'minutes-text'),
    KeyH: () => toggleHand(room),
  };
  let cutAt = 0;
  let shown: unknown;
  let readChat = 0;
  for (const button of document.querySelectorAll<HTMLElement>('[data-show]')) button.onclick = () => show(button.dataset.show as Part);
  for (const button of document.querySelectorAll<HTMLElement>('[data-close]')) button.onclick = () => button.closest('dialog')?.close();
  addEventListener('keydown', (event) => shortcut(event));

  return (state, line) => {
    if (line !== 'live') cutAt ||= Date.now();
    else cutAt = 0;
    showLine(room, line, cutAt);
    write($('room-name'), state.room?.name ?? '');
    write($('time-left'), timeLeft(room, state));
    if (shown !== state.banner) showBanner(room, (shown = state.banner) as Banner | null);
    showPaused(room, state);
    const newest = state.chat.at(-1)?.offset ?? 0;
    if ($('room').dataset.view === 'chat' || !readChat) readChat = newest;
    badge(room, 'chat', state.chat.filter(({ offset }) => offset > readChat).length);
    badge(room, 'people', state.hands.length);
    badge(room, 'polls', state.polls.filter(({ open, mine }) => open && !mine).length);
  };

  function show(part: Part): void {
    $('room').dataset.view = part;
    for (const button of document.querySelectorAll<HTMLElement>('[data-show]')) {
      if (button.dataset.show === part) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
    room.tell({ type: 'dismiss' });
  }

  /** By the place of the key, so that they work on a Persian keyboard; never a key that types. */
  function shortcut(event: KeyboardEvent): void {
    const mac = /Mac|iP/.test(navigator.platform);
    const meant = event.altKey && !event.shiftKey && !event.metaKey && event.ctrlKey === mac && !event.getModifierState('AltGraph');
    const act = meant && !event.repeat && room.state().you ? actions[event.code] : undefined;
    if (!act || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    act();
  }
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

/** Changes what is not so already, so that screen readers do not say it again. */
function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
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

function showBanner(room: Room, banner: Banner | null): void {
  const place = $('banners');
  if (!banner) return place.replaceChildren();
  const calm = banner.kind === 'extended' || banner.kind === 'unlocked' || banner.kind === 'unmuted' || banner.kind === 'notice';
  const close = el('button', { type: 'button', onclick: () => room.tell({ type: 'dismiss' }) }, '×');
  close.setAttribute('aria-label', room.words.dismiss);
  place.replaceChildren(el('p', { className: `banner${calm ? ' calm' : ''}` }, el('span', { dir: 'auto' }, bannerText(room, banner)), close));
}

function bannerText(room: Room, { kind, text = '', code = '', name = '', seconds = 0 }: Banner): string {
  const { words, calendar } = room;
  switch (kind) {
    case 'ending': {
      const minutes = Math.round(seconds / 60);
      return words.endsIn(minutes, calendar.number(minutes));
    }
    case 'extended':
      return words.extendedTo(calendar.clock(room.state().room?.ends_at ?? ''));
    case 'notice':
      return words.house(text);
    case 'locked':
      return words.lockedBy(name);
    case 'unlocked':
      return words.unlockedBy(name);
    case 'muted':
      return words.mutedBy(name);
    case 'unmuted':
      return words.unmutedBy(name);
    case 'removed':
      return words.removed(name);
    case 'refused':
      return words.refused(words.errors[code] ?? text);
  }
}

function showPaused({ words }: Room, { paused }: State): void {
  const place = $('alerts');
  const who = paused ? [paused.by && words.pausedBy(paused.by), words.paused].filter(Boolean).join(' ') : '';
  const key = who + (paused?.reason ?? '');
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const why = paused?.reason && el('span', {}, said(paused.reason));
  place.replaceChildren(...(paused ? [el('p', { className: 'banner bad' }, el('span', {}, who), why)] : []));
}

function badge({ calendar }: Room, part: 'chat' | 'people' | 'polls', count: number): void {
  const mark = $(`badge-${part}`);
  mark.hidden = !count;
  write(mark, calendar.number(count));
}
