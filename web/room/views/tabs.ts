// The parts of the room on a phone, what is new in each, and the keys that lead there.

import { $, write } from '../dom';
import type { Room, View } from '../room';
import { toggleHand } from './composer';

type Part = 'chat' | 'people' | 'polls' | 'agenda' | 'minutes';

export const tabsView: View = (room) => {
  let read = 0;
  const show = (part: Part) => {
    $('room').dataset.view = part;
    for (const button of tabs()) button.ariaCurrent = button.dataset.show === part ? 'true' : null;
    room.redraw();
  };
  for (const button of tabs()) button.onclick = () => show(button.dataset.show as Part);
  for (const button of document.querySelectorAll<HTMLElement>('[data-close]')) button.onclick = () => button.closest('dialog')?.close();
  wireKeys(room, show);

  return ({ chat, hands, polls }) => {
    if ($('room').dataset.view === 'chat' || !read) read = chat.at(-1)?.offset ?? 0;
    badge(room, 'chat', chat.filter(({ offset }) => offset > read).length);
    badge(room, 'people', hands.length);
    badge(room, 'polls', polls.filter(({ open, mine }) => open && !mine).length);
  };
};

function tabs(): NodeListOf<HTMLElement> {
  return document.querySelectorAll('[data-show]');
}

/** Keys go by their place, so that they work on a Persian keyboard, and none that types is taken. */
function wireKeys(room: Room, show: (part: Part) => void): void {
  const to = (part: Part, id: string) => () => {
    show(part);
    $(id).focus();
  };
  const actions: Record<string, () => void> = {
    KeyC: to('chat', 'message'),
    KeyM: to('minutes', 'minutes-text'),
    KeyH: () => toggleHand(room),
  };
  addEventListener('keydown', (event) => {
    const act = isShortcut(event) && room.state().you ? actions[event.code] : undefined;
    if (!act || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    act();
  });
}

/** Alt on most machines; on Apple's, where Alt types letters, Control and Alt. */
function isShortcut(event: KeyboardEvent): boolean {
  const apple = /Mac|iP/.test(navigator.platform);
  const others = event.shiftKey || event.metaKey || event.repeat;
  return event.altKey && event.ctrlKey === apple && !others;
}

function badge({ calendar }: Room, part: 'chat' | 'people' | 'polls', count: number): void {
  const mark = $(`badge-${part}`);
  mark.hidden = !count;
  write(mark, calendar.number(count));
}
