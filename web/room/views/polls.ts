// Polls: the question, the choices with their results in words and bars, and one's own vote.

import { $, el, follow, said } from '../dom';
import type { Poll } from '../protocol';
import type { Room, View } from '../room';

export const pollsView: View = (room) => {
  // What was ticked but not sent must outlive a redraw that somebody else's vote causes.
  const ticked = new Map<string, number[]>();
  let epoch = '';
  wireBox(room);

  return (state, line) => {
    // In another count of offsets the same id is another poll.
    if (state.epoch !== epoch) ticked.clear();
    epoch = state.epoch;
    const manage = state.you?.role === 'moderator';
    const rows = state.polls.map((poll) => ({ poll, manage, live: line === 'live' }));
    $('no-polls').hidden = rows.length > 0;
    follow($('poll-list'), rows.toReversed(), ({ poll }) => poll.id, (row) => pollOf(room, row, ticked));
  };
};

interface Row {
  poll: Poll;
  manage: boolean;
  live: boolean;
}

function pollOf(room: Room, row: Row, ticked: Map<string, number[]>): HTMLElement {
  const { poll } = row;
  const { words } = room;
  const kind = [poll.open ? words.pollOpen : words.pollClosed, poll.secret && words.pollSecret, poll.multiple && words.pollMultiple];
  const notes = [...kind.filter(Boolean), words.voters(poll.voters, room.calendar.number(poll.voters))].join(' · ');
  const form = el('form', {}, el('h3', { id: `poll-${poll.id}` }, said(poll.question)), el('p', { className: 'muted' }, notes), choices(room, row, ticked));
  form.append(buttons(room, row));
  form.onsubmit = (event) => {
    event.preventDefault();
    const choices = ticked.get(poll.id) ?? [];
    if (choices.length) vote(room, poll, choices);
    else form.querySelector('input')?.focus();
  };
  return el('li', { className: 'poll' }, form);
}

function choices(room: Room, row: Row, ticked: Map<string, number[]>): HTMLElement {
  const { poll } = row;
  const marked = ticked.get(poll.id) ?? poll.mine ?? [];
  const group = el('div', {}, ...poll.options.map((option, i) => choice(room, poll, option, marked.includes(i))));
  group.setAttribute('role', poll.multiple ? 'group' : 'radiogroup');
  group.setAttribute('aria-labelledby', `poll-${poll.id}`);
  group.onchange = () => {
    const boxes = [...group.querySelectorAll('input')];
    ticked.set(poll.id, boxes.flatMap((box, i) => (box.checked ? i : [])));
  };
  return group;
}

function choice({ words, calendar }: Room, poll: Poll, { text, votes, by }: Poll['options'][number], checked: boolean): HTMLElement {
  const input = el('input', { type: poll.multiple ? 'checkbox' : 'radio', name: poll.id, checked, disabled: !poll.open });
  const label = el('label', { className: 'choice' }, input, said(text));
  if (counted(poll)) {
    const bar = el('progress', { max: Math.max(1, poll.voters), value: votes });
    bar.setAttribute('aria-hidden', 'true');
    label.append(el('small', {}, words.votes(votes, calendar.number(votes), calendar.percent(votes, poll.voters))), bar);
  }
  if (by?.length) label.append(el('small', { className: 'by' }, said(by.join(words.comma))));
  return label;
}

/** A secret vote is counted when it is over. */
function counted({ secret, open }: Poll): boolean {
  return !(secret && open);
}

function buttons(room: Room, { poll, manage, live }: Row): HTMLElement {
  const { words } = room;
  const close = () => room.send({ type: 'poll_close', poll: poll.id });
  return el(
    'div',
    { className: 'row' },
    poll.open && el('button', { className: poll.mine ? 'btn s' : 'btn', disabled: !live }, poll.mine ? words.changeVote : words.vote),
    poll.open && manage && el('button', { className: 'btn s', type: 'button', disabled: !live, onclick: close }, words.closePoll),
    !counted(poll) && el('small', { className: 'muted' }, words.resultsLater),
  );
}

function vote(room: Room, poll: Poll, choices: number[]): void {
  if (room.send({ type: 'vote', poll: poll.id, choices })) room.tell({ type: 'voted', poll: poll.id, choices });
}

function wireBox(room: Room): void {
  const dialog = $<HTMLDialogElement>('poll-box');
  const form = $<HTMLFormElement>('poll-form');
  const checked = (id: string) => $<HTMLInputElement>(id).checked;
  $('new-poll').onclick = () => dialog.showModal();
  form.onsubmit = (event) => {
    event.preventDefault();
    const box = $<HTMLTextAreaElement>('poll-options');
    const options = box.value.split('\n').map((line) => line.trim()).filter(Boolean);
    const question = $<HTMLInputElement>('poll-question').value.trim();
    if (options.length < 2 || options.length > 20 || !question) return box.focus();
    if (!room.send({ type: 'poll', question, options, multiple: checked('poll-multiple'), secret: checked('poll-secret') })) return;
    form.reset();
    dialog.close();
  };
}
