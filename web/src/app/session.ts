// Whether the server still knows who we are.

import { Problem } from '../api/problem';

/** A value that components can watch: whether the server has refused us. */
export class Session {
  ended = false;
  private readonly watchers = new Set<() => void>();

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Every failed call comes by here. */
  readonly see = (error: unknown): void => {
    if (!(error instanceof Problem) || error.status !== 401 || this.ended) return;
    this.become(true);
  };

  /** Somebody signed in again, perhaps beside this page; the next refusal ends it anew. */
  readonly resume = (): void => this.become(false);

  private become(ended: boolean): void {
    this.ended = ended;
    this.watchers.forEach((watcher) => watcher());
  }
}
