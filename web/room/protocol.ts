// What the room and the page say to each other, as docs/reference/room-protocol.md fixes it.

export type Role = 'moderator' | 'participant';

export interface Person {
  id: string;
  name: string;
  role: Role;
  muted: boolean;
}

export interface RoomInfo {
  id: string;
  name: string;
  starts_at: string | null;
  ends_at: string | null;
  locked: boolean;
}

export interface Chat {
  type: 'chat';
  offset: number;
  at: string;
  from: string;
  from_id: string;
  text: string;
  /** The writer's own mark: a message sent again after a cut is kept once. */
  nonce?: string;
}

export interface Poll {
  id: string;
  question: string;
  /** A secret poll counts 0 until it is closed; an open vote then tells who chose what in `by`. */
  options: { text: string; votes: number; by?: string[] }[];
  multiple: boolean;
  secret: boolean;
  open: boolean;
  voters: number;
  /** What this person chose; only a welcome tells it. */
  mine?: number[];
}

export interface Agenda {
  items: { title: string; minutes: number }[];
  current: number | null;
  started_at: string | null;
}

export interface Minutes {
  rev: number;
  text: string;
}

export interface Attendee {
  id: string;
  name: string;
  joined_at: string;
  left_at: string | null;
  seconds: number;
}

interface Greeting {
  type: 'welcome';
  you: Person & { seat: string; paused?: boolean };
  room: RoomInfo;
  /** Which count of offsets this is: under another, the same number is another event. */
  epoch: string;
  /** The newest offset. */
  offset: number;
  now: string;
}

/** The room as it stands; or, to whoever came back with `after`, only who they are. */
export type Welcome = Greeting &
  (
    | { resumed: true }
    | {
        resumed?: false;
        participants: Person[];
        hands: string[];
        polls: Poll[];
        agenda: Agenda;
        minutes: Minutes;
        history: Chat[];
        more: boolean;
      }
  );

/** What changes the room: it has a place in the order of things. */
export type RoomEvent = { offset: number; at: string } & (
  | Omit<Chat, 'offset' | 'at'>
  | { type: 'joined' | 'left'; id: string; name: string; role: Role }
  | { type: 'hand'; id: string; name: string; up: boolean; hands: string[] }
  | { type: 'poll'; poll: Poll }
  | { type: 'agenda'; agenda: Agenda }
  | { type: 'minutes'; rev: number; text: string; by: string }
  | { type: 'muted'; id: string; name: string; on: boolean; by: string }
  | { type: 'locked'; on: boolean; by: string }
  | { type: 'removed'; id: string; name: string; reason: string; by: string }
  | { type: 'extended'; ends_at: string }
  | { type: 'ended'; reason: string }
);

export interface Refusal {
  type: 'error';
  code: string;
  detail: string;
  re?: string;
  nonce?: string;
  rev?: number;
  text?: string;
}

export type FromRoom =
  | Welcome
  | RoomEvent
  | { type: 'notice'; text: string }
  | { type: 'ending'; seconds: number }
  | { type: 'paused' | 'resumed'; by?: string; reason?: string }
  | { type: 'kicked'; reason: string; code?: string }
  | { type: 'closed'; reason: string }
  | { type: 'history'; events: Chat[]; more: boolean }
  | { type: 'attendance'; people: Attendee[] }
  | Refusal;

export type ToRoom =
  | { type: 'chat'; text: string; nonce: string }
  | { type: 'hand'; up: boolean; id?: string }
  | { type: 'history'; before: number; limit: number }
  | { type: 'poll'; question: string; options: string[]; multiple: boolean; secret: boolean }
  | { type: 'vote'; poll: string; choices: number[] }
  | { type: 'poll_close'; poll: string }
  | { type: 'agenda'; items: Agenda['items'] }
  | { type: 'agenda_current'; item: number | null }
  | { type: 'minutes'; base: number; text: string }
  | { type: 'mute'; id: string; on: boolean }
  | { type: 'remove'; id: string; reason: string }
  | { type: 'lock'; on: boolean }
  | { type: 'attendance' };

/** The messages of a frame; a line that is none is passed over, as a newer room may say more. */
export function parseFrame(frame: string): FromRoom[] {
  return frame.split('\n').flatMap((line) => {
    try {
      const message = JSON.parse(line) as FromRoom | null;
      return typeof message?.type === 'string' ? [message] : [];
    } catch {
      return [];
    }
  });
}
