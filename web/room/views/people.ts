// Who is here, who waits to speak, and what a moderator can do about it.

import { $, el, follow, said } from '../dom';
import type { Person } from '../protocol';
import type { Room, View } from '../room';
import type { State } from '../store';

interface Row {
  person: Person;
  me: boolean;
  hand: boolean;
  manage: boolean;
}

export const peopleView: View = (room) => {
  const collator = new Intl.Collator(room.words.lang, { numeric: true });
  const box = wireBox(room);
  $('lock').onclick = () => room.send({ type: 'lock', on: !room.state().room?.locked });

  return (state) => {
    document.body.dataset.role = state.you?.role ?? '';
    const rows = sorted(state, collator).map((person) => rowOf(state, person));
    const hands = state.hands.flatMap((id) => state.people.get(id) ?? []).map((person) => rowOf(state, person));
    $('people-count').textContent = room.calendar.number(state.people.size);
    $('hands').hidden = !hands.length;
    follow($('hand-list'), hands, keyOf, (row) => el('li', {}, el('span', { className: 'who' }, said(row.person.name)), row.manage && box.button(row.person)));
    follow($('people-list'), rows, keyOf, (row) => personOf(room, row, row.manage && box.button(row.person)));
    toggle($('lock'), !state.room?.locked);
    box.update(state);
  };
};

function keyOf(row: Row): string {
  return row.person.id;
}

function rowOf(state: State, person: Person): Row {
  const me = person.id === state.you?.id;
  return { person, me, hand: state.hands.includes(person.id), manage: state.you?.role === 'moderator' && !me };
}

/** Moderators first, then by name as the language sorts them. */
function sorted({ people }: State, collator: Intl.Collator): Person[] {
  const rank = (person: Person) => (person.role === 'moderator' ? 0 : 1);
  return [...people.values()].sort((a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name));
}

function personOf({ words }: Room, { person, me, hand }: Row, manage: HTMLElement | false): HTMLElement {
  const tag = (text: string, className = 'tag') => el('span', { className }, text);
  return el(
    'li',
    {},
    el('span', { className: 'who' }, said(person.name), me && el('small', {}, ` ${words.you}`)),
    hand && tag(words.handUp),
    person.role === 'moderator' && tag(words.moderator),
    person.muted && tag(words.mutedTag, 'tag muted-tag'),
    manage,
  );
}

/** Shows a two-way button's word for what it will do. */
function toggle(button: HTMLElement, on: boolean): void {
  button.textContent = (on ? button.dataset.on : button.dataset.off) ?? '';
}

/** The box with a moderator's actions on one person. */
function wireBox(room: Room): { button(person: Person): HTMLElement; update(state: State): void } {
  const dialog = $<HTMLDialogElement>('person-box');
  const reason = $<HTMLInputElement>('person-reason');
  let id = '';
  const person = () => room.state().people.get(id);
  $('person-mute').onclick = () => room.send({ type: 'mute', id, on: !person()?.muted });
  $('person-hand').onclick = () => room.send({ type: 'hand', up: false, id });
  $('person-remove').onclick = () => {
    if (room.send({ type: 'remove', id, reason: reason.value.trim() })) dialog.close();
  };
  return {
    button({ id: other, name }) {
      const open = () => {
        id = other;
        reason.value = '';
        $('person-name').textContent = name;
        this.update(room.state());
        dialog.showModal();
      };
      const button = el('button', { type: 'button', className: 'more', onclick: open }, '⋯');
      button.setAttribute('aria-label', room.words.actionsFor(name));
      return button;
    },
    update(state) {
      toggle($('person-mute'), !person()?.muted);
      $('person-hand').hidden = !state.hands.includes(id);
      if (dialog.open && !person()) dialog.close();
    },
  };
}
