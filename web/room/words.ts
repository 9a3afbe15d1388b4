// Everything that the script says. Each language answers all of it, or the types do not agree.

import type { Lang } from './calendar';

export interface Words {
  lang: Lang;
  /** How many people a meeting that runs has; `s` is `n` written out. */
  here(n: number, s: string): string;
  yourTime(when: string): string;
  span(day: string, from: string, to: string): string;
  until(day: string, to: string): string;
  nameInvalid: string;
  connecting: string;
  live: string;
  cutSince(clock: string): string;
  /** `offline` when the reader's own device has no network. */
  reconnecting(offline: boolean): string;
  /** How long the meeting goes on. */
  minutesLeft(n: number, s: string): string;
  timeLeft(clock: string): string;
  over: string;
  endsIn(n: number, s: string): string;
  extendedTo(clock: string): string;
  lockedBy(name: string): string;
  unlockedBy(name: string): string;
  mutedBy(name: string): string;
  unmutedBy(name: string): string;
  removed(name: string): string;
  refused(detail: string): string;
  house(text: string): string;
  pausedBy(name: string): string;
  paused: string;
  kept: string;
  dismiss: string;
  you: string;
  moderator: string;
  mutedTag: string;
  handUp: string;
  actionsFor(name: string): string;
  cannotSpeak: string;
  sending: string;
  waiting: string;
  notTaken(detail: string): string;
  sendAgain: string;
  discard: string;
  /** Between the names of a list. */
  comma: string;
  vote: string;
  changeVote: string;
  closePoll: string;
  pollOpen: string;
  pollClosed: string;
  pollSecret: string;
  pollMultiple: string;
  votes(n: number, s: string, share: string): string;
  voters(n: number, s: string): string;
  resultsLater: string;
  forMinutes(s: string): string;
  elapsed(clock: string, minutes: string): string;
  overrun(clock: string, minutes: string): string;
  startItem: string;
  stopItem: string;
  saved: string;
  saving: string;
  offline: string;
  unsavedConflict: string;
  writtenBy(name: string): string;
  stillHere: string;
  /** The room's `error` codes in words; others are shown as the room says them. */
  errors: Record<string, string>;
}

/** Sets the words `{like}` this one. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

/** Keeps a name in its own reading direction inside a sentence. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}
