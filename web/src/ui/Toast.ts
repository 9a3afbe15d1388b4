// Short news, and deeds that wait a moment so that they can be taken back. `Toasts` shows them.

import { UNSTABLE_ToastQueue as ToastQueue } from 'react-aria-components/Toast';
import type { Tone } from './Status';

interface News {
  text: string;
  tone: Tone;
  undo?: () => void;
  /** The way to what it is about. */
  show?: () => void;
}

/** How long news stays, and how long a deed can be taken back. */
const STAY_MS = 8_000;

/** What is to be said, also before there is a place for it. */
export const queue = new ToastQueue<News>({ maxVisibleToasts: 4 });

/** Says that something was done; `undo` does the opposite. What comes back takes the news away. */
export function tell(text: string, undo?: () => void): () => void {
  const close = () => queue.close(key);
  const key = queue.add({ text, tone: 'live', ...(undo && { undo: () => (close(), undo()) }) }, { timeout: STAY_MS });
  return close;
}

/** Says that something went wrong; it stays until it is closed. */
export function warn(text: string): void {
  queue.add({ text, tone: 'bad' });
}

/** Says what happened elsewhere, with the way there; bad news stays until it is closed, by whoever reads it or by what comes back. */
export function report(tone: Tone, text: string, show: () => void): () => void {
  const close = () => queue.close(key);
  const key = queue.add({ text, tone, show: () => (close(), show()) }, tone === 'live' ? { timeout: STAY_MS } : {});
  return close;
}

/**
 * Says what will be done and does it when the news goes: after a while, when it is closed, or with the page.
 * Until then it can be taken back, which is honest for what cannot be undone.
 */
export function soon(text: string, run: () => void, takenBack: () => void): void {
  let due = true;
  const settle = (deed: () => void) => {
    if (!due) return;
    due = false;
    window.removeEventListener('pagehide', leave);
    deed();
    queue.close(key);
  };
  const leave = () => settle(run);
  const undo = () => settle(takenBack);
  const key = queue.add({ text, tone: 'warn', undo }, { timeout: STAY_MS, onClose: leave });
  window.addEventListener('pagehide', leave);
}
