// Files on their way to the server: a few at a time, each going on by itself after a cut line.

import { Problem } from '../../../api/problem';

/** What a file is to hang on once it is there. */
export interface Subject {
  kind: 'task' | 'document' | 'meeting';
  id: string;
}

/** `cut`: it goes on by itself; `refused`: it does not, and `problem` says why. */
export type UploadState = 'waiting' | 'uploading' | 'paused' | 'cut' | 'refused' | 'uploaded';

export interface Upload {
  key: string;
  name: string;
  size: number;
  /** So many bytes have left; not all of them need be there. */
  sent: number;
  state: UploadState;
  problem: Problem | null;
  /** Of the file that it became. */
  fileId: string | null;
  attachTo: Subject | null;
}

/** How a file is sent; a later try goes on where an earlier one was. */
export interface Way {
  send: (file: File, told: Told) => Sending;
  attach: (fileId: string, to: Subject) => Promise<unknown>;
}

export interface Told {
  progress: (sent: number) => void;
  done: (fileId: string) => void;
  failed: (problem: Problem) => void;
}

export interface Sending {
  pause: () => void;
  /** Takes back what the server has of it. */
  cancel: () => Promise<void>;
}

const AT_ONCE = 3;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Refusals that the next try may well not meet: it asks the server first where it is. */
const TRIED_AGAIN = ['uploads.offset', 'uploads.not_found', 'uploads.broken_off', 'uploads.checksum'];

/** The same file chosen twice is one. */
export const keyOf = ({ name, size, lastModified, type }: File): string => [name, size, lastModified, type].join('|');

interface Behind {
  file: File;
  sending: Sending | null;
  timer: number;
  failures: number;
  /** How often it was begun: what an earlier try still tells is old. */
  tries: number;
  ended: { resolve: (fileId: string) => void; reject: (why: unknown) => void }[];
}

export class Uploads {
  private list: readonly Upload[] = [];
  private readonly behind = new Map<string, Behind>();
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly way: Way,
    private readonly atOnce = AT_ONCE,
  ) {}

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** The same array until something changes. */
  readonly all = (): readonly Upload[] => this.list;

  /** Takes files on; gives their keys. One that is on its way already is not begun twice. */
  add(files: readonly File[], { attachTo = null }: { attachTo?: Subject | null } = {}): string[] {
    const keys = files.map((file) => {
      const key = attachTo ? `${keyOf(file)}|${attachTo.kind}:${attachTo.id}` : keyOf(file);
      const known = this.find(key);
      if (known?.state === 'uploaded') this.drop(key);
      if (known && known.state !== 'uploaded') return key;
      this.behind.set(key, { file, sending: null, timer: 0, failures: 0, tries: 0, ended: [] });
      const { name, size } = file;
      this.list = [...this.list, { key, name, size, sent: 0, state: 'waiting', problem: null, fileId: null, attachTo }];
      return key;
    });
    keys.filter((key) => ['paused', 'refused'].includes(this.find(key)?.state ?? '')).forEach(this.resume);
    this.goOn();
    return keys;
  }

  /** The id of the file, once it is there; what was refused or cancelled rejects. */
  finished(key: string): Promise<string> {
    const upload = this.find(key);
    if (upload?.fileId && upload.state === 'uploaded') return Promise.resolve(upload.fileId);
    if (upload?.state === 'refused') return Promise.reject(upload.problem);
    return new Promise((resolve, reject) => this.behind.get(key)?.ended.push({ resolve, reject }) ?? reject(cancelled()));
  }

  readonly pause = (key: string): void => {
    const state = this.find(key)?.state;
    if (state !== 'waiting' && state !== 'uploading' && state !== 'cut') return;
    const behind = this.behind.get(key);
    clearTimeout(behind?.timer);
    behind?.sending?.pause();
    this.become(key, { state: 'paused' });
    this.goOn();
  };

  readonly resume = (key: string): void => {
    const state = this.find(key)?.state;
    if (state !== 'paused' && state !== 'cut' && state !== 'refused') return;
    clearTimeout(this.behind.get(key)?.timer);
    this.become(key, { state: 'waiting', problem: null });
    this.goOn();
  };

  /** Gives one up with all that has come of it; one that is there already only leaves the list. */
  readonly cancel = (key: string): void => {
    const behind = this.behind.get(key);
    if (this.find(key)?.state !== 'uploaded') {
      // What nobody goes on with, the server throws away after a day.
      void behind?.sending?.cancel().catch(() => undefined);
      behind?.ended.forEach(({ reject }) => reject(cancelled()));
    }
    this.drop(key);
    this.changed();
    this.goOn();
  };

  /** Takes those that are there off the list. */
  readonly clear = (): void => {
    this.list.filter(({ state }) => state === 'uploaded').forEach(({ key }) => this.drop(key));
    this.changed();
  };

  /** The line is back: nobody waits any longer. */
  readonly online = (): void => this.list.filter(({ state }) => state === 'cut').forEach(({ key }) => this.resume(key));

  get isBusy(): boolean {
    return this.list.some(({ state }) => state === 'waiting' || state === 'uploading' || state === 'cut');
  }

  private find(key: string): Upload | undefined {
    return this.list.find((upload) => upload.key === key);
  }

  private drop(key: string): void {
    clearTimeout(this.behind.get(key)?.timer);
    this.behind.delete(key);
    this.list = this.list.filter((upload) => upload.key !== key);
  }

  /** Begins as many as may be on their way. */
  private goOn(): void {
    const isBegun = ({ state }: Upload) => state === 'uploading';
    for (const upload of this.list) {
      if (this.list.filter(isBegun).length >= this.atOnce) break;
      if (upload.state === 'waiting') this.begin(upload);
    }
    this.changed();
  }

  private begin({ key, fileId }: Upload): void {
    const behind = this.behind.get(key);
    if (!behind) return;
    this.become(key, { state: 'uploading' });
    // It is there, and only what it is to hang on did not take it.
    if (fileId) return void this.arrived(key, fileId);
    const turn = ++behind.tries;
    const isOurs = () => this.behind.get(key) === behind && behind.tries === turn && this.find(key)?.state === 'uploading';
    behind.sending = this.way.send(behind.file, {
      progress: (sent) => {
        behind.failures = 0;
        if (isOurs()) this.become(key, { sent });
      },
      done: (fileId) => isOurs() && void this.arrived(key, fileId),
      failed: (problem) => isOurs() && this.failed(key, problem),
    });
  }

  private async arrived(key: string, fileId: string): Promise<void> {
    const upload = this.find(key);
    if (!upload) return;
    this.become(key, { fileId, sent: upload.size });
    try {
      if (upload.attachTo) await this.way.attach(fileId, upload.attachTo);
    } catch (error) {
      return this.failed(key, error instanceof Problem ? error : Problem.unreachable());
    }
    this.become(key, { state: 'uploaded' });
    this.behind.get(key)?.ended.splice(0).forEach(({ resolve }) => resolve(fileId));
    this.goOn();
  }

  private failed(key: string, problem: Problem): void {
    const behind = this.behind.get(key);
    if (!behind) return;
    if (problem.passing || TRIED_AGAIN.includes(problem.code)) {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** behind.failures++, LONGEST_WAIT_MS);
      behind.timer = window.setTimeout(() => this.resume(key), wait);
      this.become(key, { state: 'cut', problem });
    } else {
      this.become(key, { state: 'refused', problem });
      behind.ended.splice(0).forEach(({ reject }) => reject(problem));
    }
    this.goOn();
  }

  private become(key: string, news: Partial<Upload>): void {
    this.list = this.list.map((upload) => (upload.key === key ? { ...upload, ...news } : upload));
    this.changed();
  }

  private changed(): void {
    this.watchers.forEach((watcher) => watcher());
  }
}

const cancelled = () => new DOMException('the upload was cancelled', 'AbortError');
