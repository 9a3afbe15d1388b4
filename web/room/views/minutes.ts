// The shared minutes. What a person typed is never thrown away: edits of others are merged into it,
// and where both touched the same lines the person chooses.

import { $ } from '../dom';
import type { Line } from '../connection';
import { merge, moveCaret } from '../merge';
import type { Minutes } from '../protocol';
import type { Room, View } from '../room';
import type { State } from '../store';

/** Typing pauses this long before it is sent. */
const PAUSE_MS = 700;
/** An edit that was not told back by then was refused or lost, and is sent again. */
const PATIENCE_MS = 5_000;

export const minutesView: View = (room) => new Editor(room).draw;

class Editor {
  private readonly box = $<HTMLTextAreaElement>('minutes-text');
  /** The room's text that the box was written on. */
  private base: Minutes = { rev: 0, text: '' };
  /** The count that the base's `rev` belongs to, as offsets do. */
  private epoch = '';
  /** What was sent last: when the room tells it back, the box goes on from there. */
  private sent: string | undefined;
  /** The timer of an edit that is on its way; 0 when none is. */
  private underway = 0;
  /** The room's text that cannot be merged into the box. */
  private clash: Minutes | null = null;
  private timer = 0;
  private known: Minutes | null = null;
  private knownConflict: Minutes | null = null;

  constructor(private readonly room: Room) {
    const draft = room.drafts.get('minutes');
    if (draft) {
      this.base = { rev: draft.rev, text: draft.base };
      this.sent = draft.sent;
      this.box.value = draft.text;
    }
    this.box.oninput = () => this.typed();
    $('keep-mine').onclick = () => this.settle(this.box.value);
    $('take-theirs').onclick = () => this.settle(this.clash?.text ?? this.box.value);
  }

  readonly draw = (state: State, line: Line): void => {
    if (!state.you) return;
    if (state.epoch !== this.epoch) this.begin(state.epoch);
    if (state.minutes !== this.known) this.heard((this.known = state.minutes));
    if (state.conflict !== this.knownConflict && (this.knownConflict = state.conflict)) this.heard(state.conflict as Minutes);
    if (line !== 'live') this.settled();
    else if (this.mayPush() && !this.timer) this.later();
    this.box.readOnly = state.you.muted || !!state.paused;
    $('minutes-state').textContent = this.status(state, line);
  };

  /** The room has begun another journal: whatever its minutes are now, they are the newest. */
  private begin(epoch: string): void {
    this.epoch = epoch;
    this.base = { ...this.base, rev: 0 };
  }

  private dirty(): boolean {
    return this.box.value !== this.base.text;
  }

  private mayPush(): boolean {
    return this.dirty() && !this.clash && !this.underway && !this.box.readOnly;
  }

  private settled(): void {
    clearTimeout(this.underway);
    this.underway = 0;
  }

  private typed(): void {
    this.keep();
    this.later();
    this.draw(this.room.state(), this.room.line());
  }

  private keep(): void {
    const draft = { base: this.base.text, rev: this.base.rev, text: this.box.value, sent: this.sent };
    this.room.drafts.set('minutes', this.dirty() ? draft : undefined);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.push();
    }, PAUSE_MS);
  }

  private push(): void {
    if (!this.mayPush()) return;
    const text = this.box.value;
    if (this.room.send({ type: 'minutes', base: this.base.rev, text })) {
      this.sent = text;
      this.underway = window.setTimeout(() => (this.underway = 0), PATIENCE_MS);
      this.keep();
    }
    this.draw(this.room.state(), this.room.line());
  }

  /** The room's text is now `theirs`. */
  private heard(theirs: Minutes): void {
    if (theirs.rev < this.base.rev) return;
    const base = this.sent === theirs.text ? theirs.text : this.base.text;
    this.settled();
    const merged = merge(base, this.box.value, theirs.text);
    this.clash = merged === null ? theirs : null;
    if (merged !== null) {
      this.base = { rev: theirs.rev, text: theirs.text };
      this.show(merged);
    }
    this.showClash();
    this.keep();
  }

  /** Ends a clash: the box goes on with `text`, written on the newest of the room. */
  private settle(text: string): void {
    if (!this.clash) return;
    this.base = this.clash;
    this.clash = null;
    this.show(text);
    this.showClash();
    this.keep();
    this.push();
    this.box.focus();
  }

  private show(text: string): void {
    const { box } = this;
    if (box.value === text) return;
    const [start, end] = [box.selectionStart, box.selectionEnd].map((at) => moveCaret(box.value, text, at));
    box.value = text;
    if (document.activeElement === box) box.setSelectionRange(start ?? null, end ?? null);
  }

  private showClash(): void {
    $('conflict').hidden = !this.clash;
    $('theirs').textContent = this.clash?.text ?? '';
  }

  private status({ minutes }: State, line: Line): string {
    const { words } = this.room;
    if (this.clash) return words.unsavedConflict;
    if (this.dirty()) return line === 'live' ? words.saving : words.offline;
    if (!minutes.rev) return '';
    return minutes.by ? `${words.saved} · ${words.writtenBy(minutes.by)}` : words.saved;
  }
}
