// What the room has to tell everybody at once, and why this person may not speak.

import { $, el, said } from '../dom';
import type { Room, View } from '../room';
import type { Banner, State } from '../store';

/** Banners that need nothing of their reader. */
const CALM: readonly Banner['kind'][] = ['extended', 'unlocked', 'unmuted', 'notice'];

export const bannersView: View = (room) => {
  let shown: Banner | null = null;
  return (state) => {
    if (shown !== state.banner) showBanner(room, (shown = state.banner));
    showPaused(room, state);
  };
};

function showBanner(room: Room, banner: Banner | null): void {
  const place = $('banners');
  if (!banner) return place.replaceChildren();
  const calm = CALM.includes(banner.kind);
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
  const who = paused ? `${paused.by ? words.pausedBy(paused.by) : words.paused} ${words.kept}` : '';
  const key = who + (paused?.reason ?? '');
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const why = paused?.reason && el('span', {}, said(paused.reason));
  place.replaceChildren(...(paused ? [el('p', { className: 'banner bad' }, el('span', {}, who), why)] : []));
}
