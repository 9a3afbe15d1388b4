// The line to the room: it opens, notices when it is cut, and comes back by itself.

import { type FromRoom, parseFrame, type ToRoom } from './protocol';

export type Line = 'connecting' | 'live' | 'waiting' | 'closed';

/** What an attempt that never reached a welcome means. */
export type Verdict = 'retry' | 'stop';

export interface Deps {
  /** The address to open, asked anew for each attempt: a seat replaces a name or token. */
  address(): string;
  socket(address: string): WebSocket;
  /** The connection's state changed. */
  changed(line: Line): void;
  received(messages: FromRoom[]): void;
  /** Asked when the room did not let the page in. */
  refused(): Promise<Verdict>;
  random?(): number;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
/** After so long without a word the room is asked for one. */
const SILENCE_MS = 20_000;
const ANSWER_MS = 8_000;

/** How long to wait before the `attempt`th try (0 is the first), between half and all of a doubling span. */
export function backOff(attempt: number, random: number): number {
  const span = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 8));
  return Math.max(FIRST_DELAY_MS, span * (0.5 + random / 2));
}

export class Connection {
  line: Line = 'closed';
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private watch = 0;

  constructor(private readonly deps: Deps) {
    addEventListener('offline', () => this.cut());
    addEventListener('online', () => this.retryNow());
  }

  open(): void {
    this.attempt = 0;
    this.dial();
  }

  /** Leaves for good: no attempt follows. */
  close(): void {
    this.drop();
    this.enter('closed');
  }

  /** Says `message`; false when there is no open line, and then it was not said. */
  send(message: ToRoom): boolean {
    if (this.line !== 'live' || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private dial(): void {
    this.drop();
    this.enter('connecting');
    const socket = this.deps.socket(this.deps.address());
    this.socket = socket;
    socket.onmessage = ({ data }) => this.hear(parseFrame(String(data)));
    socket.onclose = () => this.ended();
    // A line that opens and stays silent, or never opens, is as good as none.
    this.watch = window.setTimeout(() => this.ended(), ANSWER_MS);
  }

  private hear(messages: FromRoom[]): void {
    this.listen(SILENCE_MS);
    if (messages.some((message) => message.type === 'welcome')) {
      this.attempt = 0;
      this.enter('live');
    }
    this.deps.received(messages);
  }

  /** Watches for silence: a cut cable tells neither side. */
  private listen(patience: number): void {
    clearTimeout(this.watch);
    this.watch = window.setTimeout(() => {
      if (patience === ANSWER_MS) return this.cut();
      this.listen(ANSWER_MS);
      this.send({ type: 'history', before: 1, limit: 1 });
    }, patience);
  }

  private ended(): void {
    const wasLive = this.line === 'live';
    this.drop();
    if (wasLive) return this.wait();
    const attempt = ++this.attempt;
    this.enter('waiting');
    void this.deps.refused().then((verdict) => {
      if (this.line !== 'waiting' || attempt !== this.attempt || this.socket) return;
      if (verdict === 'retry') this.wait();
      else this.close();
    });
  }

  /** Gives up the present socket at once and tries again later. */
  private cut(): void {
    if (this.line === 'closed') return;
    this.drop();
    this.wait();
  }

  private retryNow(): void {
    if (this.line === 'waiting') this.dial();
  }

  private wait(): void {
    this.enter('waiting');
    clearTimeout(this.timer);
    const delay = backOff(this.attempt, (this.deps.random ?? Math.random)());
    this.timer = window.setTimeout(() => this.dial(), delay);
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.watch);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  private enter(line: Line): void {
    if (line === this.line) return;
    this.line = line;
    this.deps.changed(line);
  }
}
