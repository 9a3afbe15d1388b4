import { beforeEach, expect, it } from 'vitest';
import type { Poll } from '../protocol';
import { AT, FakeRoom, showTemplate } from '../testing/page';
import { agendaView, readAgenda, writeAgenda } from './agenda';
import { phaseOf } from './card';
import { peopleView } from './people';
import { pollsView } from './polls';

const POLL: Poll = {
  id: '1', question: 'When?', multiple: false, secret: false, open: true, voters: 4,
  options: [{ text: 'Saturday', votes: 3 }, { text: 'یکشنبه', votes: 1 }],
};

beforeEach(() => {
  sessionStorage.clear();
  showTemplate();
});

function texts(selector: string): (string | null)[] {
  return [...document.querySelectorAll(selector)].map((node) => node.textContent);
}

it('results are words and numbers, not bars alone', () => {
  new FakeRoom(pollsView).welcome({ polls: [POLL] });
  expect(texts('.choice small')).toEqual(['3 votes · 75%', '1 vote · 25%']);
});

it('a secret poll shows no count while it is open', () => {
  const room = new FakeRoom(pollsView);
  room.welcome({ polls: [{ ...POLL, secret: true }] });
  expect(texts('.choice progress')).toEqual([]);
  room.tell({ type: 'poll', offset: 1, at: AT, poll: { ...POLL, secret: true, open: false } });
  expect(texts('.choice progress')).toHaveLength(2);
});

it("a choice that was ticked but not sent outlives somebody else's vote", () => {
  const room = new FakeRoom(pollsView);
  room.welcome({ polls: [POLL] });
  const box = () => document.querySelectorAll<HTMLInputElement>('.choice input')[1] as HTMLInputElement;
  box().click();
  room.tell({ type: 'poll', offset: 1, at: AT, poll: { ...POLL, voters: 5 } });
  expect(box().checked).toBe(true);
  document.querySelector<HTMLButtonElement>('.poll .btn')?.click();
  expect(room.sent).toEqual([{ type: 'vote', poll: '1', choices: [1] }]);
});

it('what was ticked is no choice of the poll that has its place in a room begun anew', () => {
  const room = new FakeRoom(pollsView);
  room.welcome({ polls: [POLL] });
  document.querySelectorAll<HTMLInputElement>('.choice input')[1]?.click();
  room.welcome({ epoch: 'e2', polls: [{ ...POLL, question: 'Where?' }] });
  document.querySelector<HTMLButtonElement>('.poll .btn')?.click();
  expect(room.sent).toEqual([]);
});

it('people stand with their roles, moderators first, and only a moderator can act on them', () => {
  const people = [
    { id: 'b', name: 'Ali', role: 'participant', muted: true },
    { id: 'c', name: 'Zoe', role: 'moderator', muted: false },
  ];
  const room = new FakeRoom(peopleView);
  room.welcome({ participants: people, hands: ['b'] });
  expect(texts('#people-list li')).toEqual(['ZoeModerator', 'AliHand upMuted', 'Sara (you)']);
  expect(texts('#hand-list li')).toEqual(['Ali']);
  expect(document.querySelectorAll('.more')).toHaveLength(0);
  room.welcome({ you: { id: 'a', name: 'Sara', role: 'moderator', muted: false, seat: 's' }, participants: people });
  expect(document.querySelectorAll('#people-list .more')).toHaveLength(2);
});

it('the running item of the agenda tells its time', () => {
  const items = [{ title: 'Report', minutes: 10 }, { title: 'Plans', minutes: 5 }];
  const room = new FakeRoom(agendaView);
  room.welcome({ agenda: { items, current: 0, started_at: '2026-11-21T10:25:00Z' } });
  expect(texts('.item small')).toEqual(['5:00 of 10 min', '5 min']);
  room.welcome({ agenda: { items, current: 1, started_at: '2026-11-21T10:20:00Z' } });
  expect(texts('.item.late small')).toEqual(['10:00, over its 5 min']);
});

it('an agenda is read as people write it', () => {
  expect(readAgenda('گزارش | ۱۰\n\nA | B | 5\nno time\nbad | x')).toEqual([
    { title: 'گزارش', minutes: 10 },
    { title: 'A | B', minutes: 5 },
    { title: 'no time', minutes: 0 },
    { title: 'bad | x', minutes: 0 },
  ]);
  const items = [{ title: 'A', minutes: 3 }];
  expect(readAgenda(writeAgenda(items))).toEqual(items);
});

it.each([
  ['ended', { ends_at: AT, locked: true }],
  ['soon', { starts_at: '2026-11-21T11:00:00Z', locked: true }],
  ['locked', { locked: true, guests: false }],
  ['members', { guests: false }],
  ['live', {}],
] as const)('a room that is %s says so on its card', (phase, part) => {
  const info = { starts_at: null, ends_at: null, participants: 2, locked: false, guests: true, ...part };
  expect(phaseOf(info, 'live', Date.parse(AT))).toBe(phase);
});
