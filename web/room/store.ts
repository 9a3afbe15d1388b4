// What the page knows of the room. `reduce` is pure: the same messages give the same state.

import type { Agenda, Attendee, Chat, FromRoom, Minutes, Person, Poll, Refusal, RoomEvent, RoomInfo, Welcome } from './protocol';

/** A message of one's own that the room has not told back yet. */
export interface Sending {
  /** Goes with the message and comes back with it, so it can be sent again and is kept once. */
  nonce: string;
  text: string;
  /** `queued` waits for a line, `sent` for its echo; `refused` the room did not take. */
  state: 'queued' | 'sent' | 'refused';
  why?: Pick<Refusal, 'code' | 'detail'>;
}

export interface Banner {
  kind: 'ending' | 'extended' | 'notice' | 'locked' | 'unlocked' | 'muted' | 'unmuted' | 'removed' | 'refused';
  text?: string;
  code?: string;
  name?: string;
  seconds?: number;
}

export interface State {
  you: Person | null;
  room: RoomInfo | null;
  people: ReadonlyMap<string, Person>;
  hands: readonly string[];
  polls: readonly Poll[];
  agenda: Agenda;
  minutes: Minutes & { by?: string };
  /** The room's answer to minutes written on an old revision. */
  conflict: Minutes | null;
  chat: readonly Chat[];
  /** Whether the room may have chat older than the first. */
  older: boolean;
  /** Which count of offsets the room is at, and how far in it this page has come. */
  epoch: string;
  offset: number;
  outbox: readonly Sending[];
  paused: { by?: string; reason?: string } | null;
  banner: Banner | null;
  attendance: readonly Attendee[] | null;
  gone: { why: string; reason: string } | null;
  /** The room's clock less the browser's, in milliseconds. */
  skew: number;
}

export type Local =
  | { type: 'say'; nonce: string; text: string }
  | { type: 'written' | 'drop' | 'again'; nonce: string }
  | { type: 'cut' | 'dismiss' | 'back' }
  | { type: 'gone'; why: string }
  | { type: 'voted'; poll: string; choices: number[] }
  | { type: 'restored'; outbox: Sending[] };

export const EMPTY: State = {
  you: null,
  room: null,
  people: new Map(),
  hands: [],
  polls: [],
  agenda: { items: [], current: null, started_at: null },
  minutes: { rev: 0, text: '' },
  conflict: null,
  chat: [],
  older: false,
  epoch: '',
  offset: 0,
  outbox: [],
  paused: null,
  banner: null,
  attendance: null,
  gone: null,
  skew: 0,
};

export function reduce(state: State, message: FromRoom | Local, now = Date.now()): State {
  switch (message.type) {
    case 'welcome':
      return welcome(state, message, now);
    case 'history':
      return older(state, message);
    case 'attendance':
      return { ...state, attendance: message.people };
    case 'notice':
      return { ...state, banner: { kind: 'notice', text: message.text } };
    case 'ending':
      return { ...state, banner: { kind: 'ending', seconds: message.seconds } };
    case 'paused':
      return { ...state, paused: { by: message.by, reason: message.reason } };
    case 'resumed':
      return { ...state, paused: null };
    case 'kicked':
      return { ...state, gone: { why: message.code === 'person.blocked' ? 'blocked' : 'kicked', reason: message.reason } };
    case 'closed':
      // A room that failed is started again, and one that moved is on already: its people come back.
      return ['failed', 'moved'].includes(message.reason) ? state : { ...state, gone: { why: message.reason, reason: '' } };
    case 'error':
      return refusal(state, message);
    case 'say':
    case 'written':
    case 'drop':
    case 'again':
    case 'cut':
    case 'restored':
      return { ...state, outbox: sending(state, message) };
    case 'voted':
      return { ...state, polls: state.polls.map((p) => (p.id === message.poll ? { ...p, mine: message.choices } : p)) };
    case 'dismiss':
      return { ...state, banner: null };
    case 'gone':
      return { ...state, gone: { why: message.why, reason: '' } };
    case 'back':
      return { ...state, gone: null };
    default:
      return event(state, message);
  }
}

function welcome(before: State, message: Welcome, now: number): State {
  const { seat: _, paused, ...you } = message.you;
  const state = {
    ...before,
    you,
    room: message.room,
    paused: paused ? {} : null,
    gone: null,
    skew: Date.parse(message.now) - now || 0,
  };
  // What happened meanwhile follows event by event, from where this page stopped.
  if (message.resumed) return state;
  return {
    ...state,
    people: new Map([...message.participants, you].map((person) => [person.id, person])),
    hands: message.hands,
    polls: message.polls,
    agenda: message.agenda,
    minutes: message.minutes,
    conflict: null,
    chat: message.history,
    older: message.more,
    epoch: message.epoch,
    offset: message.offset,
    outbox: settle(state.outbox, message.history),
  };
}

function older(state: State, { events, more }: Extract<FromRoom, { type: 'history' }>): State {
  // An empty answer to a question for life says nothing about older chat.
  const first = state.chat[0]?.offset ?? Infinity;
  const before = events.filter(({ offset }) => offset < first);
  return before.length ? { ...state, chat: [...before, ...state.chat], older: more } : state;
}

/** An event of the room; one that is known already only tells what has become of a message sent twice. */
function event(state: State, message: RoomEvent): State {
  if (!(message.offset > state.offset)) return message.type === 'chat' ? { ...state, outbox: settle(state.outbox, [message]) } : state;
  return { ...change(state, message), offset: message.offset };
}

function change(state: State, message: RoomEvent): State {
  switch (message.type) {
    case 'chat':
      return { ...state, chat: [...state.chat, message], outbox: settle(state.outbox, [message]) };
    case 'joined':
      return withPerson(state, message.id, { name: message.name, role: message.role });
    case 'left':
      return without(state, message.id);
    case 'removed':
      return { ...without(state, message.id), banner: { kind: 'removed', name: message.name } };
    case 'hand':
      return { ...state, hands: message.hands };
    case 'poll':
      return { ...state, polls: replaced(state.polls, message.poll) };
    case 'agenda':
      return { ...state, agenda: message.agenda };
    case 'minutes':
      return { ...state, minutes: { rev: message.rev, text: message.text, by: message.by }, conflict: null };
    case 'muted':
      return muted(state, message.id, message.on, message.by);
    case 'locked':
      return {
        ...state,
        room: state.room && { ...state.room, locked: message.on },
        banner: { kind: message.on ? 'locked' : 'unlocked', name: message.by },
      };
    case 'extended':
      return {
        ...state,
        room: state.room && { ...state.room, ends_at: message.ends_at },
        banner: { kind: 'extended' },
      };
    default:
      return state;
  }
}

/** Takes out of the outbox what the room has told back. */
function settle(outbox: readonly Sending[], chat: readonly Chat[]): readonly Sending[] {
  if (!outbox.length) return outbox;
  const told = new Set(chat.map(({ nonce }) => nonce));
  return outbox.filter(({ nonce }) => !told.has(nonce));
}

function sending({ outbox }: State, message: Local): readonly Sending[] {
  const set = (nonce: string, state: Sending['state']) => outbox.map((s) => (s.nonce === nonce ? { ...s, state } : s));
  switch (message.type) {
    case 'say':
      return [...outbox, { nonce: message.nonce, text: message.text, state: 'queued' }];
    case 'written':
      return set(message.nonce, 'sent');
    case 'again':
      return set(message.nonce, 'queued');
    case 'drop':
      return outbox.filter(({ nonce }) => nonce !== message.nonce);
    case 'cut':
      return outbox.map(unsent);
    case 'restored':
      return [...message.outbox.map(unsent), ...outbox];
    default:
      return outbox;
  }
}

/** What was on its way when the line was cut waits for the next one. */
function unsent(sending: Sending): Sending {
  return sending.state === 'sent' ? { ...sending, state: 'queued' } : sending;
}

function refusal(state: State, error: Refusal): State {
  if (error.code === 'minutes.conflict' && error.rev !== undefined) {
    return { ...state, conflict: { rev: error.rev, text: error.text ?? '' } };
  }
  if (!error.nonce) return { ...state, banner: { kind: 'refused', text: error.detail, code: error.code } };
  const refuse = (s: Sending): Sending => (s.nonce === error.nonce ? { ...s, state: 'refused', why: error } : s);
  return { ...state, outbox: state.outbox.map(refuse) };
}

function withPerson(state: State, id: string, part: Partial<Person>): State {
  const known = state.people.get(id) ?? { id, name: '', role: 'participant', muted: false };
  return { ...state, people: new Map(state.people).set(id, { ...known, ...part }) };
}

function without(state: State, id: string): State {
  const people = new Map(state.people);
  people.delete(id);
  return { ...state, people, hands: state.hands.filter((hand) => hand !== id) };
}

function muted(state: State, id: string, on: boolean, by: string): State {
  const next = withPerson(state, id, { muted: on });
  if (state.you?.id !== id) return state.people.has(id) ? next : state;
  return { ...next, you: { ...state.you, muted: on }, banner: { kind: on ? 'muted' : 'unmuted', name: by } };
}

function replaced(polls: readonly Poll[], poll: Poll): readonly Poll[] {
  const known = polls.some(({ id }) => id === poll.id);
  return known ? polls.map((p) => (p.id === poll.id ? { ...poll, mine: p.mine } : p)) : [...polls, poll];
}
