// What every view is given.

import type { Calendar } from './calendar';
import type { Line } from './connection';
import type { Drafts } from './drafts';
import type { ToRoom } from './protocol';
import type { Local, State } from './store';
import type { Words } from './words';

export interface Room {
  words: Words;
  calendar: Calendar;
  drafts: Drafts;
  /** Says something to the room; false when the line is down. */
  send(message: ToRoom): boolean;
  /** Changes what the page itself knows. */
  tell(message: Local): void;
  /** Draws every view again, soon. */
  redraw(): void;
  state(): State;
  line(): Line;
  /** The room's time, in milliseconds. */
  now(): number;
}

/** Wires a part of the page once, and gives back what draws it after each change. */
export type View = (room: Room) => (state: State, line: Line) => void;
