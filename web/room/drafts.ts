// What must survive a reload, kept in this tab's storage under the meeting's id.

import type { Sending } from './store';

export interface Kept {
  /** The seat that lets this tab back in, and the name it was given to. */
  seat?: string;
  name?: string;
  /** Whether they came by a link of their own, so that they are not let in as a guest instead. */
  byLink?: boolean;
  /** The join page that they came from. */
  from?: string;
  /** Whether this person went by themselves; then a reload does not bring them back. */
  left?: boolean;
  message?: string;
  minutes?: { base: string; rev: number; text: string; sent?: string };
  outbox?: readonly Sending[];
}

export class Drafts {
  private kept: Kept;
  private readonly key: string;

  constructor(room: string, private readonly storage: Storage = sessionStorage) {
    this.key = `dabir.room.${room}`;
    this.kept = this.read();
  }

  get<K extends keyof Kept>(name: K): Kept[K] {
    return this.kept[name];
  }

  /** Keeps `value`; undefined forgets it. */
  set<K extends keyof Kept>(name: K, value: Kept[K]): void {
    if (JSON.stringify(value) === JSON.stringify(this.kept[name])) return;
    this.kept = { ...this.kept, [name]: value };
    try {
      this.storage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // A full or forbidden storage leaves what is on the screen as it is.
    }
  }

  private read(): Kept {
    try {
      return (JSON.parse(this.storage.getItem(this.key) ?? '{}') as Kept | null) ?? {};
    } catch {
      return {};
    }
  }
}
