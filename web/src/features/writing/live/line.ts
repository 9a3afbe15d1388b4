// One socket to a document: what was heard on it, and when it is given up.

import type { Refusal } from './state';
import { readFrame, type Frame } from './wire';

/** The server's own pings are not seen here, so a silent line is asked for a sign of life and then given up. */
const ASK_MS = 20_000;
const SILENCE_MS = 45_000;
const LOOK_MS = 5_000;
/** How long a line may take to open, and to answer where there is reason for doubt. */
const DOUBT_MS = 8_000;

interface Ears {
  opened(): void;
  heard(frame: Frame): void;
  /** Once; with why, if the server said so. */
  ended(wasOpen: boolean, refusal: Refusal | null): void;
}

/** One socket, from its opening to its end. */
export class Line {
  /** Of the last numbered change. */
  n = 0;
  /** Both sides know what the other has. */
  isSynced = false;
  isUp = false;
  /** The server has said what this person may do; it may be less than on the line before. */
  hasRight = false;
  private heard = Date.now();
  private hasEnded = false;
  private readonly looking = setInterval(() => this.look(), LOOK_MS);
  private deadline: ReturnType<typeof setTimeout> | undefined = setTimeout(() => this.end(), DOUBT_MS);
  private vector: Uint8Array | null = null;
  private update: Uint8Array | null = null;
  private question: Uint8Array<ArrayBuffer> | null = null;

  constructor(
    private readonly socket: WebSocket,
    private readonly ears: Ears,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.settleDown();
      this.isUp = true;
      ears.opened();
    };
    socket.onmessage = ({ data }) => this.hear(data as ArrayBuffer);
    socket.onclose = () => this.end();
    socket.onerror = () => this.end();
  }

  write(frame: Uint8Array<ArrayBuffer>): void {
    if (frame[0] === 0) this.question = frame;
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(frame);
  }

  /** Wants a sign of life soon. */
  ask(question: Uint8Array<ArrayBuffer>): void {
    if (!this.isUp) return;
    this.write(question);
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.end(), DOUBT_MS);
  }

  /** What the server has, once it has told both halves of it. */
  get server(): { vector: Uint8Array; update: Uint8Array } | null {
    const { vector, update } = this;
    return vector && update && { vector, update };
  }

  learn({ vector = this.vector, update = this.update }: { vector?: Uint8Array | null; update?: Uint8Array | null }): void {
    this.vector = vector;
    this.update = update;
  }

  /** What the server lacked is under way: only a new vector of it says anything. */
  forget(): void {
    this.vector = null;
  }

  end(code?: string, detail = ''): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearInterval(this.looking);
    clearTimeout(this.deadline);
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.onerror = () => undefined;
    this.socket.close();
    this.ears.ended(this.isUp, code === undefined ? null : { code, detail });
  }

  private settleDown(): void {
    this.heard = Date.now();
    clearTimeout(this.deadline);
    this.deadline = undefined;
  }

  private hear(data: ArrayBuffer): void {
    if (this.hasEnded) return;
    this.settleDown();
    try {
      this.ears.heard(readFrame(new Uint8Array(data)));
    } catch {
      // A frame cut short on its way; a new line begins with all that is missing.
      this.end();
    }
  }

  private look(): void {
    const silent = Date.now() - this.heard;
    if (silent > SILENCE_MS) this.end();
    else if (silent >= ASK_MS && this.isUp && this.question) this.write(this.question);
  }
}
