// Places that stay with the words they are at, whatever is written meanwhile.

import type { Editor } from '@tiptap/core';
import type { EditorState } from '@tiptap/pm/state';
import { absolutePositionToRelativePosition, relativePositionToAbsolutePosition, ySyncPluginKey } from '@tiptap/y-tiptap';
import type { Doc, RelativePosition, XmlFragment } from 'yjs';

interface Binding {
  doc: Doc;
  type: XmlFragment;
  binding: { mapping: Parameters<typeof relativePositionToAbsolutePosition>[3] } | null;
}

/** Nothing of it is there before the text is bound to its document. */
const bound = (state: EditorState) => (ySyncPluginKey.getState(state) ?? {}) as Partial<Binding>;

export function anchorAt(state: EditorState, pos: number): RelativePosition | null {
  const { type, binding } = bound(state);
  return type && binding ? absolutePositionToRelativePosition(pos, type, binding.mapping) : null;
}

/** Where an anchor is now; `null` when what was there is gone. */
export function placeOf(state: EditorState, anchor: RelativePosition): number | null {
  const { doc, type, binding } = bound(state);
  return doc && type && binding ? relativePositionToAbsolutePosition(doc, type, anchor, binding.mapping) : null;
}

/** Asks later where this place is then. */
export function keepAt(editor: Editor, pos: number): () => number | null {
  const anchor = anchorAt(editor.state, pos);
  return () => anchor && placeOf(editor.state, anchor);
}
