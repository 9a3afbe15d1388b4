// Persian as it is typed and pasted: digits of one's choice, and what comes from elsewhere put right in a step of its own.

import { Extension, type Editor } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, type EditorState, type Transaction } from '@tiptap/pm/state';
import { yUndoPluginKey } from '@tiptap/y-tiptap';
import { spanOf } from './changed';
import { shownAt } from './direction';
import { asDigit, cleanEdits, OTHER, ZWNJ, type Digits } from './persian';

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    writing: {
      insertZwnj: () => ReturnType;
      setDigits: (digits: Digits) => ReturnType;
      /** Puts the selection right, or the document when nothing is selected. */
      tidy: () => ReturnType;
    };
  }
  interface Storage {
    writing: { digits: Digits };
  }
}

/** A block's text with one sign for each place in it; code, pictures and names are `OTHER`. */
function lineOf(block: Node): string {
  let line = '';
  block.forEach((child) => {
    const isText = child.isText && !child.marks.some(({ type }) => type.name === 'code');
    line += isText ? child.text : OTHER.repeat(child.nodeSize);
  });
  return line;
}

/** Puts right what lies between two places; says whether there was anything. */
function tidy(tr: Transaction, from: number, to: number, digits: Digits): boolean {
  const edits: { at: number; until: number; text: string }[] = [];
  tr.doc.nodesBetween(from, to, (node, pos) => {
    if (!node.isTextblock) return true;
    if (node.type.spec.code) return false;
    for (const edit of cleanEdits(lineOf(node), digits)) {
      const [at, until] = [pos + 1 + edit.from, pos + 1 + edit.to];
      if (at >= from && until <= to) edits.push({ at, until, text: edit.text });
    }
    return false;
  });
  for (const { at, until, text } of edits.reverse()) {
    if (text) tr.insertText(text, at, until);
    else tr.delete(at, until);
  }
  return edits.length > 0;
}

/** What was pasted is there as it was, for whoever takes the next step back. */
function tidyPasted(editor: Editor, pasted: Transaction): void {
  const { from, to } = spanOf(pasted.mapping);
  const { tr } = editor.state;
  if (from > to || !tidy(tr, from, to, editor.storage.writing.digits)) return;
  stopCapturing(editor.state);
  editor.view.dispatch(tr);
  stopCapturing(editor.state);
}

function stopCapturing(state: EditorState): void {
  (yUndoPluginKey.getState(state) as { undoManager: { stopCapturing(): void } } | undefined)?.undoManager.stopCapturing();
}

export const Writing = Extension.create<{ digits: Digits; onDigits: (digits: Digits) => void }, { digits: Digits }>({
  name: 'writing',
  addOptions: () => ({ digits: 'typed' as const, onDigits: () => undefined }),
  addStorage() {
    return { digits: this.options.digits };
  },
  addCommands() {
    return {
      insertZwnj: () => ({ commands }) => commands.insertContent({ type: 'text', text: ZWNJ }),
      setDigits: (digits) => () => {
        this.storage.digits = digits;
        this.options.onDigits(digits);
        return true;
      },
      tidy:
        () =>
        ({ state, tr, dispatch }) => {
          const { from, to, empty } = state.selection;
          if (dispatch) tidy(tr, empty ? 0 : from, empty ? tr.doc.content.size : to, this.storage.digits);
          return true;
        },
    };
  },
  onTransaction({ editor, transaction }) {
    if (transaction.getMeta('uiEvent') === 'paste' && transaction.docChanged) tidyPasted(editor as Editor, transaction);
  },
  addProseMirrorPlugins() {
    const { storage } = this;
    return [
      new Plugin({
        props: {
          handleTextInput(view, from, to, text) {
            if (storage.digits === 'typed' || !/^[0-9٠-٩۰-۹]$/.test(text)) return false;
            const $from = view.state.doc.resolve(from);
            const before = $from.parent.textBetween(0, $from.parentOffset, undefined, OTHER);
            const isCode = $from.parent.type.spec.code || $from.marks().some(({ type }) => type.name === 'code');
            if (isCode || /[A-Za-z@][^\s]*$/.test(before)) return false;
            if (storage.digits === 'persian' && shownAt(view.state, from) === 'ltr') return false;
            const digit = asDigit(text, storage.digits);
            if (digit === text) return false;
            view.dispatch(view.state.tr.insertText(digit, from, to));
            return true;
          },
        },
      }),
    ];
  },
});
