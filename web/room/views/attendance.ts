// The attendance list, and the file that is made of it in the browser.

import { attendanceCsv } from '../csv';
import { $, el, said } from '../dom';
import type { Attendee } from '../protocol';
import type { Room, View } from '../room';

export const attendanceView: View = (room) => {
  const dialog = $<HTMLDialogElement>('attendance-box');
  let shown: readonly Attendee[] | null = null;
  let asked = false;
  $('attendance').onclick = () => {
    asked = room.send({ type: 'attendance' });
  };
  return ({ attendance }) => {
    if (!attendance || attendance === shown) return;
    shown = attendance;
    $('attendance-rows').replaceChildren(...attendance.map((person) => rowOf(room, person)));
    offer(room, attendance);
    if (asked) dialog.showModal();
    asked = false;
  };
};

function rowOf({ calendar, words }: Room, person: Attendee): HTMLElement {
  const left = person.left_at ? calendar.clock(person.left_at) : words.stillHere;
  const cells = [said(person.name), calendar.clock(person.joined_at), left, calendar.span(person.seconds)];
  return el('tr', {}, ...cells.map((cell) => el('td', {}, cell)));
}

function offer(room: Room, people: readonly Attendee[]): void {
  const link = $<HTMLAnchorElement>('csv');
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([attendanceCsv(people, room.calendar)], { type: 'text/csv' }));
  link.download = `attendance-${room.state().room?.id ?? 'room'}.csv`;
}
