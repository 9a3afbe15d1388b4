// A page for tests: the server's template with English words, and a room that records what is said to it.

import { readFileSync } from 'node:fs';
import { Calendar } from '../calendar';
import type { Line } from '../connection';
import { Drafts } from '../drafts';
import { en } from '../locales/en';
import pageEn from '../locales/page.en.json';
import type { FromRoom, ToRoom } from '../protocol';
import type { Room, View } from '../room';
import { EMPTY, type Local, reduce, type State } from '../store';

export const AT = '2026-11-21T10:30:00Z';

/** Puts the template into the document, as the server would fill it. */
export function showTemplate(): void {
  const template = readFileSync('../crates/dabir-room/page/page.html', 'utf8');
  const body = /<body[^>]*>([^]*)<\/body>/.exec(template)?.[1] ?? '';
  document.body.innerHTML = body.replace(/\{\{(?:t\.)?(\w+)\}\}/g, (_, key: string) => pageEn[key as keyof typeof pageEn] ?? '');
}

/** The room of one view. */
export class FakeRoom implements Room {
  readonly words = en;
  readonly calendar = new Calendar('en', 'UTC');
  readonly drafts = new Drafts('14');
  readonly sent: ToRoom[] = [];
  current: State = EMPTY;
  private readonly draw: (state: State, line: Line) => void;

  constructor(view: View, private mark: Line = 'live') {
    this.draw = view(this);
  }

  send(message: ToRoom): boolean {
    if (this.mark === 'live') this.sent.push(message);
    return this.mark === 'live';
  }

  tell(message: Local | FromRoom): void {
    this.current = reduce(this.current, message, Date.parse(AT));
    this.draw(this.current, this.mark);
  }

  /** Cuts or mends the line. */
  goes(line: Line): void {
    this.mark = line;
    this.draw(this.current, line);
  }

  redraw(): void {
    this.draw(this.current, this.mark);
  }

  state(): State {
    return this.current;
  }

  line(): Line {
    return this.mark;
  }

  now(): number {
    return Date.parse(AT);
  }

  welcome(part: object = {}): void {
    this.tell({
      type: 'welcome',
      you: { id: 'a', name: 'Sara', role: 'participant', muted: false, seat: 's' },
      room: { id: '14', name: 'Sprint', starts_at: null, ends_at: null, locked: false },
      participants: [],
      hands: [],
      polls: [],
      agenda: { items: [], current: null, started_at: null },
      minutes: { rev: 1, text: 'one\ntwo\nthree' },
      epoch: 'e1',
      offset: 0,
      history: [],
      more: false,
      now: AT,
      ...part,
    });
  }
}
