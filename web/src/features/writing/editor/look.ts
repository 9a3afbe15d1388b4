// What the bars above the text show of it: which marks hold, what the block is, what can be done.

import type { Editor } from '@tiptap/core';
import { NodeSelection } from '@tiptap/pm/state';
import { yUndoPluginKey } from '@tiptap/y-tiptap';
import { areShown } from './invisibles';
import type { Digits } from './persian';

const MARKS = ['bold', 'italic', 'underline', 'strike', 'code', 'highlight', 'link'] as const;
export const BLOCKS = ['paragraph', 'heading1', 'heading2', 'heading3', 'heading4', 'codeBlock'] as const;
const WRAPS = ['bulletList', 'orderedList', 'taskList', 'blockquote'] as const;

export interface Look {
  marks: string[];
  block: string;
  wraps: string[];
  inTable: boolean;
  /** The picture that is chosen. */
  picture: { alt: string; width: number | null } | null;
  href: string;
  canUndo: boolean;
  canRedo: boolean;
  digits: Digits;
  showsSigns: boolean;
}

export function lookOf(editor: Editor): Look {
  const { state } = editor;
  const { selection } = state;
  const { $from } = selection;
  const above: string[] = [];
  for (let depth = $from.depth; depth > 0; depth--) above.push($from.node(depth).type.name);
  const node = selection instanceof NodeSelection ? selection.node : null;
  const { type, attrs } = $from.parent;
  const undo = yUndoPluginKey.getState(state) as { undoManager: { undoStack: unknown[]; redoStack: unknown[] } } | undefined;
  return {
    marks: MARKS.filter((name) => editor.isActive(name)),
    block: type.name === 'heading' ? `heading${String(attrs.level)}` : type.name,
    // The nearest list alone: what is around it is another matter.
    wraps: WRAPS.filter((name) => name === above.find((one) => one.endsWith('List')) || (name === 'blockquote' && above.includes(name))),
    inTable: above.includes('table'),
    picture: node?.type.name === 'image' ? { alt: (node.attrs.alt as string | null) ?? '', width: node.attrs.width as number | null } : null,
    href: (editor.getAttributes('link').href as string | undefined) ?? '',
    canUndo: (undo?.undoManager.undoStack.length ?? 0) > 0,
    canRedo: (undo?.undoManager.redoStack.length ?? 0) > 0,
    digits: editor.storage.writing.digits,
    showsSigns: areShown(state),
  };
}
