// The talk: what was said, and what is on its way.

import { $, el, follow, said } from '../dom';
import type { Chat } from '../protocol';
import type { Room, View } from '../room';
import type { Sending, State } from '../store';

/** Messages of one person within this span stand under one name. */
const TOGETHER_MS = 3 * 60_000;
const NEAR_THE_END_PX = 80;

interface Row {
  chat: Chat;
  next: boolean;
  mine: boolean;
}

export const chatView: View = (room) => {
  const scroll = $('chat-scroll');
  const title = document.title;
  let seen = 0;
  let oldest = 0;
  let following = true;

  $('earlier').onclick = () => {
    const first = room.state().chat[0];
    if (first) room.send({ type: 'history', before: first.offset, limit: 100 });
  };
  $('below').onclick = () => toEnd(scroll);
  scroll.onscroll = () => {
    following = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_THE_END_PX;
    if (following) $('below').hidden = true;
  };
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) document.title = title;
  });
  new ResizeObserver(() => following && toEnd(scroll)).observe(scroll);

  return (state, line) => {
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    const newest = state.chat.at(-1)?.offset ?? 0;
    $('earlier').hidden = !state.older;
    follow($('messages'), rowsOf(state), (row) => String(row.chat.offset), (row) => messageOf(room, row));
    follow($('outbox'), state.outbox.map((sending) => ({ sending, live: line === 'live' })), ({ sending }) => sending.nonce, ({ sending, live }) => pendingOf(room, sending, live));
    if (following) toEnd(scroll);
    else if (newest > seen) $('below').hidden = false;
    else if (oldest !== state.chat[0]?.offset) scroll.scrollTop = scroll.scrollHeight - fromEnd;
    if (document.hidden && newest > seen && seen) document.title = `● ${title}`;
    seen = newest;
    oldest = state.chat[0]?.offset ?? 0;
  };
};

function toEnd(scroll: HTMLElement): void {
  scroll.scrollTop = scroll.scrollHeight;
}

function rowsOf(state: State): Row[] {
  return state.chat.map((chat, i) => {
    const before = state.chat[i - 1];
    const next = before?.from_id === chat.from_id && Date.parse(chat.at) - Date.parse(before.at) < TOGETHER_MS;
    return { chat, next, mine: chat.from_id === state.you?.id };
  });
}

function messageOf({ calendar }: Room, { chat, next, mine }: Row): HTMLElement {
  const time = el('time', { dateTime: chat.at, title: `${calendar.day(chat.at)} · ${chat.at}` }, calendar.clock(chat.at));
  const head = el('header', {}, el('b', {}, said(chat.from)), time);
  return el('li', { className: `msg${next ? ' next' : ''}${mine ? ' mine' : ''}` }, head, paragraph(chat.text));
}

function pendingOf(room: Room, { nonce, text, state, why }: Sending, live: boolean): HTMLElement {
  const { words } = room;
  const refused = state === 'refused';
  const button = (text: string, type: 'again' | 'drop') => el('button', { type: 'button', onclick: () => room.tell({ type, nonce }) }, text);
  const note = el('div', { className: 'why' }, el('span', {}, refused ? words.notTaken(words.errors[why?.code ?? ''] ?? why?.detail ?? '') : live ? words.sending : words.waiting));
  if (refused) note.append(button(words.sendAgain, 'again'), button(words.discard, 'drop'));
  return el('li', { className: `msg mine pending${refused ? ' refused' : ''}` }, paragraph(text), note);
}

/** A message's text with its addresses as links. */
function paragraph(text: string): HTMLElement {
  const parts = text.split(/(https?:\/\/[^\s<>«»"]+[^\s<>«»".,;:!?؟،؛)\]])/);
  const p = el('p', {}, ...parts.map((part, i) => (i % 2 ? link(part) : part)));
  p.dir = 'auto';
  return p;
}

function link(href: string): HTMLElement {
  return el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow', dir: 'ltr' }, said(href));
}
