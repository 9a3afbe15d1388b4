import { describe, expect, it } from 'vitest';
import type { Chat, FromRoom, Poll, RoomEvent, Welcome } from './protocol';
import { EMPTY, type Local, reduce, type State } from './store';

const AT = '2026-11-21T10:30:00Z';
const ME = { id: 'a', name: 'سارا', role: 'moderator', muted: false } as const;
const ALI = { id: 'b', name: 'Ali', role: 'participant', muted: false } as const;
const POLL: Poll = { id: '1', question: 'روز؟', options: [{ text: 'شنبه', votes: 0 }], multiple: false, secret: false, open: true, voters: 0 };

function chat(offset: number, text = `m${offset}`, nonce?: string): Chat {
  return { type: 'chat', offset, at: AT, from: ME.name, from_id: ME.id, text, ...(nonce ? { nonce } : {}) };
}

function welcome(part: Partial<Extract<Welcome, { resumed?: false }>> = {}): FromRoom {
  return {
    type: 'welcome',
    you: { ...ME, seat: 's' },
    room: { id: '14', name: 'Sprint', starts_at: null, ends_at: null, locked: false },
    participants: [ALI],
    hands: [],
    polls: [],
    agenda: { items: [], current: null, started_at: null },
    minutes: { rev: 0, text: '' },
    epoch: 'e1',
    offset: 10,
    history: [],
    more: false,
    now: AT,
    ...part,
  };
}

function resumed(offset: number): FromRoom {
  const { you, room, epoch, now } = welcome() as Welcome;
  return { type: 'welcome', resumed: true, you, room, epoch, now, offset };
}

function after(...messages: (FromRoom | Local)[]): State {
  return messages.reduce<State>((state, message) => reduce(state, message, Date.parse(AT)), EMPTY);
}

function event(offset: number, what: object): FromRoom {
  return { offset, at: AT, ...what } as RoomEvent;
}

describe('events', () => {
  it('are applied once and in order, however often they come', () => {
    const state = after(welcome({ offset: 0 }), chat(1), chat(2), chat(1), chat(2), chat(3));
    expect(state.chat.map(({ text }) => text)).toEqual(['m1', 'm2', 'm3']);
    expect(state.offset).toBe(3);
  });

  it('that a resume brings are folded from where the page stopped', () => {
    const state = after(welcome({ offset: 1, history: [chat(1)] }), resumed(4), chat(2), event(3, { type: 'left', ...ALI }), chat(4));
    expect(state.chat.map(({ offset }) => offset)).toEqual([1, 2, 4]);
    expect([...state.people.keys()]).toEqual(['a']);
    expect(state.offset).toBe(4);
  });

  it('of a journal that was begun anew take the place of those of the old', () => {
    const lost = after(welcome({ offset: 0 }), chat(1), chat(2, 'lost'), chat(3, 'lost too'));
    const anew = [welcome({ epoch: 'e2', offset: 2, history: [chat(1), chat(2, 'new')] }), chat(3, 'newer')];
    const state = anew.reduce<State>((state, message) => reduce(state, message), lost);
    expect(state.chat.map(({ text }) => text)).toEqual(['m1', 'new', 'newer']);
    expect([state.epoch, state.offset]).toEqual(['e2', 3]);
  });

  it('of people change who is here, their hands and their voice', () => {
    const came = after(welcome(), event(11, { type: 'joined', id: 'c', name: 'نگار', role: 'participant' }), event(12, { type: 'hand', id: 'c', name: 'نگار', up: true, hands: ['c'] }));
    expect(came.people.get('c')?.name).toBe('نگار');
    expect(came.hands).toEqual(['c']);
    const went = reduce(came, event(13, { type: 'left', id: 'c', name: 'نگار', role: 'participant' }));
    expect(went.people.has('c')).toBe(false);
    expect(went.hands).toEqual([]);
    const muted = reduce(went, event(14, { type: 'muted', id: 'a', name: 'سارا', on: true, by: 'Ali' }));
    expect(muted.you?.muted).toBe(true);
    expect(muted.banner).toEqual({ kind: 'muted', name: 'Ali' });
  });

  it('of a poll keep what this person chose', () => {
    const state = after(welcome({ polls: [POLL] }), { type: 'voted', poll: '1', choices: [0] }, event(11, { type: 'poll', poll: { ...POLL, voters: 2 } }), event(12, { type: 'poll', poll: { ...POLL, id: '2' } }));
    expect(state.polls.map(({ id, voters, mine }) => ({ id, voters, mine }))).toEqual([
      { id: '1', voters: 2, mine: [0] },
      { id: '2', voters: 0, mine: undefined },
    ]);
  });

  it('of an unknown kind only move the offset', () => {
    const before = after(welcome());
    expect(reduce(before, event(11, { type: 'dance' }))).toEqual({ ...before, offset: 11 });
  });

  it('extend the time and lock the door', () => {
    const state = after(welcome(), event(11, { type: 'extended', ends_at: '2026-11-21T12:00:00Z' }), event(12, { type: 'locked', on: true, by: 'Ali' }));
    expect(state.room).toMatchObject({ ends_at: '2026-11-21T12:00:00Z', locked: true });
    expect(state.banner?.kind).toBe('locked');
  });
});

describe('the outbox', () => {
  const say: Local = { type: 'say', nonce: 'n1', text: 'می‌آیم' };

  it('holds a message until its echo comes', () => {
    const said = after(welcome(), say, { type: 'written', nonce: 'n1' });
    expect(said.outbox).toEqual([{ nonce: 'n1', text: 'می‌آیم', state: 'sent' }]);
    expect(reduce(said, chat(11, 'می‌آیم', 'n1')).outbox).toEqual([]);
    expect(reduce(said, chat(11, 'می‌آیم')).outbox).toHaveLength(1);
  });

  it('sends again what was on its way when the line was cut, under the same nonce', () => {
    const cut = after(welcome(), say, { type: 'written', nonce: 'n1' }, { type: 'cut' });
    expect(cut.outbox[0]).toMatchObject({ nonce: 'n1', state: 'queued' });
  });

  it('lets go of what a whole welcome shows to have arrived', () => {
    const state = after({ type: 'restored', outbox: [{ nonce: 'n1', text: 'x', state: 'sent' }] }, welcome({ history: [chat(9, 'x', 'n1')] }));
    expect(state.outbox).toEqual([]);
  });

  it('lets go of what was said before this page knew the room', () => {
    const said = after(welcome(), say, { type: 'written', nonce: 'n1' });
    const told = reduce(said, chat(3, 'می‌آیم', 'n1'));
    expect(told.outbox).toEqual([]);
    expect(told.chat).toEqual(said.chat);
  });

  it('keeps a refused message and its reason, and sends it again only when asked', () => {
    const refused = after(welcome(), say, { type: 'written', nonce: 'n1' }, { type: 'error', code: 'muted', detail: 'you are muted', re: 'chat', nonce: 'n1' });
    expect(refused.outbox[0]).toMatchObject({ state: 'refused', why: { code: 'muted' } });
    expect(reduce(refused, { type: 'cut' }).outbox[0]?.state).toBe('refused');
    expect(reduce(refused, { type: 'again', nonce: 'n1' }).outbox[0]?.state).toBe('queued');
    expect(reduce(refused, { type: 'drop', nonce: 'n1' }).outbox).toEqual([]);
  });
});

describe('older chat', () => {
  it('goes before the known, each message once', () => {
    const state = after(welcome({ history: [chat(5), chat(6)], more: true }), { type: 'history', events: [chat(3), chat(4), chat(5)], more: true });
    expect(state.chat.map(({ offset }) => offset)).toEqual([3, 4, 5, 6]);
    expect(state.older).toBe(true);
  });

  it('is not said to be missing by an empty answer', () => {
    expect(after(welcome({ more: true, history: [chat(5)] }), { type: 'history', events: [], more: false }).older).toBe(true);
  });
});

it('a person who is kicked, or whose room closes, is gone with the reason', () => {
  expect(after(welcome(), { type: 'kicked', reason: 'spam' }).gone).toEqual({ why: 'kicked', reason: 'spam' });
  const blocked = after(welcome(), { type: 'kicked', reason: 'spam', code: 'person.blocked' });
  expect(blocked.gone).toEqual({ why: 'blocked', reason: 'spam' });
  expect(after(welcome(), { type: 'closed', reason: 'ended' }).gone?.why).toBe('ended');
  expect(after(welcome(), { type: 'closed', reason: 'failed' }).gone).toBeNull();
  expect(after(welcome(), { type: 'closed', reason: 'moved' }).gone).toBeNull();
});

it('a refused edit of the minutes brings the text that won', () => {
  const state = after(welcome(), { type: 'error', code: 'minutes.conflict', detail: '', re: 'minutes', rev: 4, text: 'theirs' });
  expect(state.conflict).toEqual({ rev: 4, text: 'theirs' });
});

it("the room's clock is known from its welcome", () => {
  expect(reduce(EMPTY, welcome(), Date.parse(AT) - 5_000).skew).toBe(5_000);
});
