// Where the caret of a document was when its page was left, on this device.

import { Extension } from '@tiptap/core';
import { Plugin, TextSelection } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { createRelativePositionFromJSON } from 'yjs';
import { anchorAt, placeOf } from './anchor';

const WAIT_MS = 250;
/** Of as many documents, the places are kept. */
const MOST = 200;
const PREFIX = 'dabir_place:';

function keep(view: EditorView, name: string): void {
  const { anchor, head } = view.state.selection;
  const [from, to] = [anchor, head].map((at) => anchorAt(view.state, at));
  if (!from || !to) return;
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ at: Date.now(), from, to }));
  } catch {
    forgetOldest();
  }
}

function forgetOldest(): void {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  const age = (name: string) => (JSON.parse(localStorage.getItem(name) ?? '{}') as { at?: number }).at ?? 0;
  names.sort((a, b) => age(b) - age(a)).slice(MOST / 2).forEach((name) => localStorage.removeItem(name));
}

/** Puts the caret where it was; the text around it may have changed since. */
export function findPlace(view: EditorView, name: string): boolean {
  const kept = localStorage.getItem(PREFIX + name);
  if (!kept) return false;
  try {
    const { from, to } = JSON.parse(kept) as { from: unknown; to: unknown };
    const [anchor, head] = [from, to].map((one) => placeOf(view.state, createRelativePositionFromJSON(one)));
    if (anchor === null || anchor === undefined || head === null || head === undefined) return false;
    const { tr } = view.state;
    const inside = (at: number) => tr.doc.resolve(Math.max(0, Math.min(at, tr.doc.content.size)));
    view.dispatch(tr.setSelection(TextSelection.between(inside(anchor), inside(head))).scrollIntoView());
    return true;
  } catch {
    return false;
  }
}

export const Place = Extension.create<{ name: string }>({
  name: 'place',
  addOptions: () => ({ name: '' }),
  addProseMirrorPlugins() {
    const { name } = this.options;
    return [
      new Plugin({
        view(view) {
          let timer: ReturnType<typeof setTimeout> | undefined;
          const now = () => {
            if (timer === undefined) return;
            clearTimeout(timer);
            timer = undefined;
            keep(view, name);
          };
          window.addEventListener('pagehide', now);
          document.addEventListener('visibilitychange', now);
          return {
            update(_, before) {
              // Before somebody has been in the text, there is no place to keep.
              if (view.hasFocus() && (!before.selection.eq(view.state.selection) || before.doc !== view.state.doc)) timer ??= setTimeout(now, WAIT_MS);
            },
            destroy() {
              now();
              window.removeEventListener('pagehide', now);
              document.removeEventListener('visibilitychange', now);
            },
          };
        },
      }),
    ];
  },
});
