// What is not saved yet. It outlives the page of the settings, and the window asks before it closes over it.

import { useSyncExternalStore } from 'react';
import type { Drafts } from './model';

export interface Unsaved {
  drafts: Drafts;
  /** What the server said against some of them, by key. */
  refused: Readonly<Record<string, string>>;
}

export const NONE: Unsaved = { drafts: {}, refused: {} };

let unsaved = NONE;
const watchers = new Set<() => void>();

export const useUnsaved = (): Unsaved => useSyncExternalStore(watch, () => unsaved);

export function changeUnsaved(next: (now: Unsaved) => Unsaved): void {
  unsaved = next(unsaved);
  if (Object.keys(unsaved.drafts).length > 0) window.addEventListener('beforeunload', ask);
  else window.removeEventListener('beforeunload', ask);
  watchers.forEach((tell) => tell());
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => void watchers.delete(tell);
}

const ask = (event: Event) => event.preventDefault();
