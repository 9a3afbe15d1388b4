// The box to write in, and the hand.

import { $ } from '../dom';
import type { Room, View } from '../room';
import type { State } from '../store';

export const composerView: View = (room) => {
  const box = $<HTMLTextAreaElement>('message');
  const form = $<HTMLFormElement>('composer');
  box.value = room.drafts.get('message') ?? '';
  box.oninput = () => {
    room.drafts.set('message', box.value || undefined);
    grow(box);
  };
  box.onkeydown = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (!box.value.trim() || !maySpeak(room.state())) return;
    room.tell({ type: 'say', nonce: mark(), text: box.value });
    box.value = '';
    room.drafts.set('message', undefined);
    grow(box);
    $('chat-scroll').scrollTop = $('chat-scroll').scrollHeight;
    box.focus();
  };
  $('hand').onclick = () => toggleHand(room);
  return (state) => update(room, state);
};

/** Fits the box to its text where the style sheet cannot. */
function grow(box: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  box.style.blockSize = '';
  box.style.blockSize = `${box.scrollHeight + 2}px`;
}

/** A mark that no other message has; `randomUUID` is missing where the page comes without TLS. */
function mark(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function toggleHand(room: Room): void {
  const { you, hands } = room.state();
  if (you) room.send({ type: 'hand', up: !hands.includes(you.id) });
}

function maySpeak({ you, paused }: State): boolean {
  return !you?.muted && !paused;
}

function update(room: Room, state: State): void {
  const hand = $<HTMLButtonElement>('hand');
  const up = state.hands.includes(state.you?.id ?? '');
  hand.setAttribute('aria-pressed', String(up));
  hand.textContent = (up ? hand.dataset.down : hand.dataset.up) ?? '';
  hand.disabled = room.line() !== 'live';
  $<HTMLButtonElement>('send').disabled = !maySpeak(state);
  const box = $<HTMLTextAreaElement>('message');
  box.dataset.hint ??= box.placeholder;
  box.placeholder = state.you?.muted ? room.words.cannotSpeak : box.dataset.hint;
}
