// One open document and its line to the server. Each change is kept in the journal before it is sent, and stays there
// until the server has it on its disk; the line comes back by itself.

import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness';
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs';
import { adds, pack } from './changes';
import { openJournal, type Journal, type Kept, type Key } from './journal';
import { Line } from './line';
import { saveState, type Refusal, type SaveState } from './state';
import { awarenessFrame, changeFrame, vectorFrame, type Control, type Frame, type Right } from './wire';

/** A frame may have 1 MiB; its head is small. */
const CHANGE_BYTES = 1_000_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const AWARENESS_MS = 80;
/** What others type is drawn this often at most: in a long document each time costs as much as a key of one's own. */
const OTHERS_MS = 60;

export interface Options {
  /** Where the document is edited, such as `wss://house/api/v1/documents/7/live`. */
  url: string;
  user: string;
  document: string;
  /**
   * Asked when the server would not have us: `signed_out` and the like, or `unreachable` for a line that did not open.
   * It may renew the session; `null` lets the line try again.
   */
  judge?: (code: string) => Promise<Refusal | null>;
  onTitle?: (title: string, version: number) => void;
  /** For tests. */
  makeSocket?: (url: string) => WebSocket;
}

/** A change that the server does not have on its disk. */
interface Change {
  key: Key;
  update: Uint8Array;
  /** It is in the journal, or cannot be. */
  isSettled: boolean;
  isKept: boolean;
  /** The number that it went by on this line; 0 before. */
  n: number;
}

const passingOnly = async (code: string): Promise<Refusal | null> => (code === 'unreachable' ? null : { code, detail: '' });

export class Live {
  readonly doc = new Doc();
  readonly awareness = new Awareness(this.doc);
  private readonly watchers = new Set<() => void>();
  private journal: Journal | null = null;
  private changes: Change[] = [];
  private line: Line | null = null;
  private refusal: Refusal | null = null;
  private granted: Right | null = null;
  private isLoaded = false;
  private isOpen = false;
  private tries = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private shown: SaveState = { is: 'opening' };

  constructor(private readonly options: Options) {
    this.doc.on('update', this.keep);
    this.awareness.on('update', this.tellPresence);
  }

  /** Reads what is kept on this device, then connects. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    const { user, document } = this.options;
    const journal = await openJournal(user, document);
    const kept = await journal.read();
    if (!this.isOpen) return journal.close();
    this.journal = journal;
    kept.forEach(this.takeUp);
    globalThis.addEventListener?.('online', this.hasten);
    globalThis.addEventListener?.('offline', this.doubt);
    globalThis.addEventListener?.('pagehide', this.leave);
    globalThis.document?.addEventListener('visibilitychange', this.wake);
    this.connect();
  }

  private readonly takeUp = ({ key, update }: Kept): void => {
    try {
      applyUpdate(this.doc, update, this);
      this.changes.push({ key, update, isSettled: true, isKept: true, n: 0 });
    } catch {
      // Spoiled on the disk: it stays in the journal, and the others are not held up by it.
    }
  };

  /** What was not sent stays in the journal. */
  close(): void {
    this.isOpen = false;
    clearTimeout(this.waiting);
    globalThis.removeEventListener?.('online', this.hasten);
    globalThis.removeEventListener?.('offline', this.doubt);
    globalThis.removeEventListener?.('pagehide', this.leave);
    globalThis.document?.removeEventListener('visibilitychange', this.wake);
    this.leave();
    this.line?.end();
    this.line = null;
    this.awareness.destroy();
    clearTimeout(this.presence);
    clearTimeout(this.drawing);
    this.doc.destroy();
    this.journal?.close();
    this.watchers.clear();
  }

  /** Tries again at once, after whatever refusal. */
  readonly retry = (): void => {
    this.refusal = null;
    this.hasten();
    this.show();
  };

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** The same object until something of it changes. */
  readonly state = (): SaveState => this.shown;

  /** What the server lets this person do; `null` before it said. */
  readonly may = (): Right | null => this.granted;

  /** Whether the text is here: before that it would be written into an empty page. */
  readonly loaded = (): boolean => this.isLoaded;

  /** Whether closing the page would lose something. */
  readonly wouldLose = (): boolean => this.changes.some(({ isKept }) => !isKept);

  private show(): void {
    const { isLoaded, granted: may, refusal, changes } = this;
    const isKept = changes.every(({ isKept, isSettled }) => isKept || !isSettled);
    const next = saveState({ isConnected: this.line?.isSynced ?? false, isLoaded, unsent: changes.length, isKept, may, refusal });
    if (JSON.stringify(next) === JSON.stringify(this.shown)) return;
    this.shown = next;
    this.tell();
  }

  private tell(): void {
    this.watchers.forEach((watcher) => watcher());
  }

  // Writing.

  private readonly keep = (update: Uint8Array, origin: unknown): void => {
    if (origin === this || !this.journal) return;
    const { key, done } = this.journal.keep(update);
    const change: Change = { key, update, isSettled: false, isKept: false, n: 0 };
    this.changes.push(change);
    this.show();
    void done.then((isKept) => {
      change.isSettled = true;
      change.isKept = isKept;
      this.send();
      this.show();
    });
  };

  /** Sends what is in the journal and not under way. */
  private send(): void {
    if (!this.line?.isSynced || this.granted === 'view') return;
    const ready = this.changes.filter(({ isSettled, n }) => isSettled && n === 0);
    this.number(ready, ready.map(({ update }) => update));
  }

  /** The last piece's number stands for the changes in all of them. */
  private number(changes: readonly Change[], updates: readonly Uint8Array[]): void {
    const { line } = this;
    if (!line) return;
    for (const piece of pack(updates, CHANGE_BYTES)) line.write(changeFrame(++line.n, piece));
    for (const change of changes) change.n = line.n;
  }

  private saved(n: number): void {
    const isDone = ({ n: own }: Change) => own > 0 && own <= n;
    this.journal?.drop(this.changes.filter(isDone).map(({ key }) => key));
    this.changes = this.changes.filter((change) => !isDone(change));
    this.show();
  }

  // Connecting.

  private connect(): void {
    clearTimeout(this.waiting);
    if (!this.isOpen || this.line) return;
    const { url, makeSocket = (url) => new WebSocket(url) } = this.options;
    this.line = new Line(makeSocket(url), {
      opened: () => {
        this.line?.write(vectorFrame(encodeStateVector(this.doc)));
        this.flushPresence();
      },
      heard: (frame) => this.hear(frame),
      ended: (wasOpen, code) => void this.lost(wasOpen, code),
    });
  }

  private hear(frame: Frame): void {
    switch (frame.kind) {
      case 'update':
        this.incoming.push(frame.update);
        if (!frame.whole) return void (this.drawing ??= setTimeout(this.takeIn, OTHERS_MS));
        this.takeIn();
        this.line?.learn({ update: frame.update });
        return this.settle();
      case 'vector':
        this.line?.learn({ vector: frame.vector });
        return this.settle();
      case 'awareness':
        return applyAwarenessUpdate(this.awareness, frame.update, this);
      case 'saved':
        return this.saved(frame.n);
      case 'control':
        return this.obey(frame.control);
    }
  }

  private incoming: Uint8Array[] = [];
  private drawing: ReturnType<typeof setTimeout> | undefined;

  private readonly takeIn = (): void => {
    clearTimeout(this.drawing);
    this.drawing = undefined;
    const updates = this.incoming.splice(0);
    if (updates.length > 0) this.doc.transact(() => updates.forEach((update) => applyUpdate(this.doc, update, this)), this);
  };

  private obey(control: Control): void {
    if (control.type === 'rights') {
      this.granted = control.right;
      if (this.line) this.line.hasRight = true;
      this.settle();
      this.send();
      this.tell();
      this.show();
    } else if (control.type === 'title') this.options.onTitle?.(control.title, control.version);
    else if (control.type === 'closed') this.line?.end(control.code, control.detail);
  }

  /** Once all is known of the server, it is told what it lacks; after a crash of it that may be more than is under way. */
  private settle(): void {
    const { line } = this;
    const server = line?.server;
    if (!server || !line.hasRight) return;
    line.forget();
    line.isSynced = true;
    const lacking = encodeStateAsUpdate(this.doc, server.vector);
    if (this.granted !== 'view') {
      const again = this.changes.map((change) => change.update);
      if (again.length > 0) this.number(this.changes, [lacking, ...again]);
      // An older server than before: what it had is not saved any more.
      else if (adds(lacking, server.update)) this.keep(lacking, null);
    }
    this.tries = 0;
    this.refusal = null;
    const isFirst = !this.isLoaded;
    this.isLoaded = true;
    if (isFirst) this.tell();
    this.show();
  }

  private async lost(wasOpen: boolean, refusal: Refusal | null): Promise<void> {
    this.line = null;
    this.takeIn();
    for (const change of this.changes) change.n = 0;
    const others = [...this.awareness.getStates().keys()].filter((id) => id !== this.doc.clientID);
    removeAwarenessStates(this.awareness, others, this);
    this.show();
    const code = refusal?.code ?? (wasOpen ? 'restart' : 'unreachable');
    const judged = code === 'restart' || !this.isOpen ? null : await (this.options.judge ?? passingOnly)(code);
    if (!this.isOpen) return;
    this.refusal = judged && { ...judged, detail: judged.detail || (refusal?.detail ?? '') };
    this.show();
    if (this.refusal || this.line) return;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries++);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.connect(), pause * (0.5 + Math.random() / 2));
  }

  private readonly hasten = (): void => {
    this.tries = 0;
    if (this.line) this.doubt();
    else this.connect();
  };

  private readonly doubt = (): void => this.line?.ask(vectorFrame(encodeStateVector(this.doc)));

  private readonly wake = (): void => {
    if (globalThis.document.visibilityState === 'visible') this.hasten();
  };

  /** Others see at once that nobody is here any more. */
  private readonly leave = (): void => {
    removeAwarenessStates(this.awareness, [this.doc.clientID], 'closed');
    this.flushPresence();
  };

  // Presence.

  private presence: ReturnType<typeof setTimeout> | undefined;

  private readonly tellPresence = (_: unknown, origin: unknown): void => {
    if (origin === this || this.presence !== undefined) return;
    this.presence = setTimeout(() => this.flushPresence(), AWARENESS_MS);
  };

  private flushPresence(): void {
    clearTimeout(this.presence);
    this.presence = undefined;
    if (this.line?.isUp && this.awareness.meta.has(this.doc.clientID)) this.line.write(awarenessFrame(encodeAwarenessUpdate(this.awareness, [this.doc.clientID])));
  }
}
