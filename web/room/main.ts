// Starts the page: the card, the connection, the store, and the views that follow it.

import { address, joinPage, phaseOfRefusal, readRefusal, takeArrival } from './admission';
import { Calendar } from './calendar';
import { Connection, type Line, type Verdict } from './connection';
import { $ } from './dom';
import { Drafts } from './drafts';
import { settleLanguage } from './language';
import type { FromRoom, ToRoom } from './protocol';
import type { Room } from './room';
import { EMPTY, type Local, reduce, type State } from './store';
import { agendaView } from './views/agenda';
import { attendanceView } from './views/attendance';
import { Card, type Phase } from './views/card';
import { bannersView } from './views/banners';
import { chatView } from './views/chat';
import { composerView } from './views/composer';
import { frameView } from './views/frame';
import { minutesView } from './views/minutes';
import { peopleView } from './views/people';
import { pollsView } from './views/polls';
import { tabsView } from './views/tabs';
import type { Words } from './words';

/** The reasons of `closed` that the card has words for; others are shown as they are. */
const CLOSED: readonly string[] = ['ended', 'stopped', 'replaced', 'kicked', 'blocked', 'left'] satisfies Phase[];

/** The room knows a person's last 32 messages again, so no more than that may be sent untold. */
const MOST_ON_THE_WAY = 20;

export function start(words: Words): void {
  if (settleLanguage(words.lang)) return;
  new Page(words).begin();
}

class Page implements Room {
  readonly calendar: Calendar;
  readonly drafts = new Drafts(document.body.dataset.room ?? '');
  private current: State = { ...EMPTY };
  private readonly connection: Connection;
  private readonly card: Card;
  private readonly views: ((state: State, line: Line) => void)[];
  private readonly arrival = takeArrival();
  private token = this.arrival.token;
  private drawing = false;

  constructor(readonly words: Words) {
    this.calendar = new Calendar(words.lang);
    this.connection = new Connection({
      address: () => address(this.query()),
      socket: (url) => new WebSocket(url),
      changed: (line) => this.lineChanged(line),
      received: (messages) => this.received(messages),
      refused: () => this.refused(),
    });
    this.card = new Card(words, this.calendar, (name) => this.enter(name), () => this.startOver());
    const views = [frameView, bannersView, tabsView, chatView, composerView, peopleView, pollsView, agendaView, minutesView, attendanceView];
    this.views = views.map((view) => view(this));
    $('leave').onclick = () => this.leave();
    setInterval(() => this.redraw(), 1_000);
  }

  begin(): void {
    this.tell({ type: 'restored', outbox: [...(this.drafts.get('outbox') ?? [])] });
    if (this.token) {
      this.drafts.set('seat', undefined);
      this.drafts.set('from', this.arrival.from ?? undefined);
    }
    if (this.drafts.get('left') && !this.token) return this.card.show('left');
    if (this.token || this.drafts.get('seat')) this.connect();
  }

  state(): State {
    return this.current;
  }

  line(): Line {
    return this.connection.line;
  }

  now(): number {
    return Date.now() + this.current.skew;
  }

  send(message: ToRoom): boolean {
    return this.connection.send(message);
  }

  tell(message: Local): void {
    this.current = reduce(this.current, message);
    this.flush();
    this.redraw();
  }

  private enter(name?: string): void {
    if (name) {
      this.drafts.set('name', name);
      this.drafts.set('byLink', undefined);
    }
    if (!name && this.startOver()) return;
    this.tell({ type: 'back' });
    if (this.card.phase() === 'badlink') this.token = null;
    if (name) this.connection.open();
    else if (this.token || this.drafts.get('seat')) this.connect();
    else this.card.show('live');
  }

  /** Goes back to the join page when only that leads in; false for whoever has a seat, or never saw one. */
  private startOver(): boolean {
    const from = this.drafts.get('from');
    if (!from || this.drafts.get('seat')) return false;
    location.replace(joinPage(from));
    return true;
  }

  private connect(): void {
    this.card.show('joining');
    this.connection.open();
  }

  private leave(): void {
    this.connection.close();
    this.drafts.set('left', true);
    this.tell({ type: 'gone', why: 'left' });
  }

  /** A seat first: it brings back the same person. */
  private query(): URLSearchParams {
    const seat = this.drafts.get('seat');
    const { you, offset, epoch } = this.current;
    if (seat && you) return new URLSearchParams({ seat, after: String(offset), epoch });
    if (seat) return new URLSearchParams({ seat });
    if (this.token) return new URLSearchParams({ token: this.token });
    return new URLSearchParams({ name: this.drafts.get('name') ?? '' });
  }

  private lineChanged(line: Line): void {
    this.card.busy(line === 'connecting' || line === 'waiting');
    if (line !== 'live') this.current = reduce(this.current, { type: 'cut' });
    this.redraw();
  }

  private received(messages: FromRoom[]): void {
    for (const message of messages) {
      if (message.type === 'welcome') this.admitted(message.you.seat, message.you.name);
      this.current = reduce(this.current, message);
    }
    if (this.current.gone) this.connection.close();
    this.flush();
    this.redraw();
  }

  private admitted(seat: string, name: string): void {
    if (this.token) this.drafts.set('byLink', true);
    this.token = null;
    this.drafts.set('seat', seat);
    this.drafts.set('name', name);
    this.drafts.set('left', undefined);
    if (!$('room').hidden) return;
    this.card.hide();
    $('message').focus();
  }

  /** Writes what waits to be sent. */
  private flush(): void {
    if (!this.current.you || this.current.gone) return this.keepOutbox();
    const onTheWay = this.current.outbox.filter(({ state }) => state === 'sent').length;
    const waiting = this.current.outbox.filter(({ state }) => state === 'queued');
    for (const { nonce, text } of waiting.slice(0, Math.max(0, MOST_ON_THE_WAY - onTheWay))) {
      if (!this.send({ type: 'chat', text, nonce })) break;
      this.current = reduce(this.current, { type: 'written', nonce });
    }
    this.keepOutbox();
  }

  private keepOutbox(): void {
    const { outbox } = this.current;
    this.drafts.set('outbox', outbox.length ? outbox : undefined);
  }

  private async refused(): Promise<Verdict> {
    const query = this.query();
    const code = await readRefusal(query);
    if (code === 'seat.unknown') return this.withoutSeat();
    const phase = code && phaseOfRefusal(code);
    if (phase) {
      if (phase === 'badlink' && this.startOver()) return 'stop';
      this.card.show(phase);
      if (code === 'name.invalid') this.card.refuseName();
      return 'stop';
    }
    // Whoever was in waits for the room; whoever never was is told at once and may try again.
    if (this.current.you || code === 'upgrade.required' || code === 'room.busy') return 'retry';
    this.card.show('lost');
    return 'stop';
  }

  /** A forgotten seat: guests come in again by name, others need a new link. */
  private withoutSeat(): Verdict {
    this.drafts.set('seat', undefined);
    if (this.token || (this.drafts.get('name') && !this.drafts.get('byLink'))) return 'retry';
    if (!this.startOver()) this.card.show('badlink');
    return 'stop';
  }

  redraw(): void {
    if (this.drawing) return;
    this.drawing = true;
    const draw = () => {
      this.drawing = false;
      this.draw();
    };
    // A hidden tab draws no frames, but its title and badges should still tell what is new.
    if (document.hidden) setTimeout(draw, 250);
    else requestAnimationFrame(draw);
  }

  private draw(): void {
    const { gone, you } = this.current;
    if (gone) {
      const known = CLOSED.includes(gone.why);
      this.card.show(known ? (gone.why as Phase) : 'stopped', known ? gone.reason : gone.why);
    } else if (you) {
      for (const view of this.views) view(this.current, this.line());
    }
  }
}
