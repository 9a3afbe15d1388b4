// The agenda and the timer of its running item.

import { readNumber } from '../calendar';
import { $, el, follow, said } from '../dom';
import type { Agenda } from '../protocol';
import type { Room, View } from '../room';

interface Row {
  item: Agenda['items'][number];
  index: number;
  /** Seconds since the item began; null when another runs. */
  elapsed: number | null;
  manage: boolean;
}

export const agendaView: View = (room) => {
  wireBox(room);
  return ({ agenda, you }) => {
    const started = agenda.started_at ? Date.parse(agenda.started_at) : room.now();
    const elapsed = Math.max(0, Math.floor((room.now() - started) / 1000));
    const rows = agenda.items.map((item, index) => ({
      item,
      index,
      elapsed: index === agenda.current ? elapsed : null,
      manage: you?.role === 'moderator',
    }));
    $('no-agenda').hidden = rows.length > 0;
    follow($('agenda-list'), rows, ({ index }) => String(index), (row) => itemOf(room, row));
  };
};

function itemOf(room: Room, { item, index, elapsed, manage }: Row): HTMLElement {
  const { words, calendar } = room;
  const minutes = calendar.number(item.minutes);
  const runs = elapsed !== null;
  const late = runs && item.minutes > 0 && elapsed > item.minutes * 60;
  const time = runs ? (late ? words.overrun : words.elapsed)(calendar.span(elapsed), minutes) : words.forMinutes(minutes);
  const bar = runs && el('progress', { max: item.minutes * 60 || 1, value: elapsed });
  if (bar) bar.setAttribute('aria-hidden', 'true');
  const pick = () => room.send({ type: 'agenda_current', item: runs ? null : index });
  const button = manage && el('button', { className: 'btn s', type: 'button', onclick: pick }, runs ? words.stopItem : words.startItem);
  if (button) button.setAttribute('aria-description', item.title);
  const li = el('li', { className: `item${runs ? ' now' : ''}${late ? ' late' : ''}` }, said(item.title), el('small', {}, time), bar, button);
  if (runs) li.setAttribute('aria-current', 'step');
  return li;
}

/** `title | minutes` for each item. */
export function writeAgenda(items: Agenda['items']): string {
  return items.map(({ title, minutes }) => `${title} | ${minutes}`).join('\n');
}

/** Reads what {@link writeAgenda} writes, with digits of any script; an item without a time has 0 minutes. */
export function readAgenda(text: string): Agenda['items'] {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const bar = line.lastIndexOf('|');
      const minutes = bar < 0 ? NaN : readNumber(line.slice(bar + 1));
      const whole = Number.isInteger(minutes) && minutes >= 0;
      return { title: (whole ? line.slice(0, bar) : line).trim(), minutes: whole ? minutes : 0 };
    });
}

function wireBox(room: Room): void {
  const dialog = $<HTMLDialogElement>('agenda-box');
  const lines = $<HTMLTextAreaElement>('agenda-lines');
  $('edit-agenda').onclick = () => {
    lines.value = writeAgenda(room.state().agenda.items);
    dialog.showModal();
  };
  $('agenda-form').onsubmit = (event) => {
    event.preventDefault();
    if (room.send({ type: 'agenda', items: readAgenda(lines.value) })) dialog.close();
  };
}
