// The line on which events come: it opens itself again, and says since when it is broken.

import { readEvent, type Happened } from '../api/events';

export type LineState = { name: 'opening' | 'live' } | { name: 'broken'; since: number };

export interface Listener {
  event: (happened: Happened) => void;
  /** What happened meanwhile is not known: read everything anew. */
  reset: () => void;
  /** The line was live and is broken: the server may have ended it because it knows us no more. */
  broke: () => void;
  /** The server refused the line: gets new access to it. */
  renew: () => Promise<unknown>;
}

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];

export class Line {
  state: LineState = { name: 'opening' };
  private source: EventSource | null = null;
  private failures = 0;
  private timer = 0;
  private watchers = new Set<() => void>();

  constructor(private readonly listener: Listener) {}

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly open = (): void => {
    this.close();
    const source = new EventSource('/api/v1/events');
    source.onopen = () => this.opened();
    source.onerror = () => this.failed(source);
    source.onmessage = ({ data }: MessageEvent<string>) => this.received(data);
    source.addEventListener('reset', () => this.listener.reset());
    this.source = source;
  };

  readonly close = (): void => {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  };

  private received(data: string): void {
    const happened = readEvent(data);
    if (happened) this.listener.event(happened);
  }

  private opened(): void {
    this.failures = 0;
    this.become({ name: 'live' });
  }

  /** A browser tries again by itself unless the server refused; then it is for us to. */
  private failed(source: EventSource): void {
    if (this.state.name === 'live') this.listener.broke();
    if (this.state.name !== 'broken') this.become({ name: 'broken', since: Date.now() });
    if (source.readyState !== EventSource.CLOSED) return;
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.timer = window.setTimeout(() => void this.reopen(), wait);
  }

  /** Most often access was too old. A line of our own making does not know what it missed. */
  private async reopen(): Promise<void> {
    const source = this.source;
    await this.listener.renew();
    if (this.source !== source) return;
    this.open();
    this.listener.reset();
  }

  private become(state: LineState): void {
    this.state = state;
    this.watchers.forEach((watcher) => watcher());
  }
}
