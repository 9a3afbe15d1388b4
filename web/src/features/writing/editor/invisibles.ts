// Shows half-spaces and other signs without a shape, for whoever wants to see them.

import { Extension } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, type DecorationSet } from '@tiptap/pm/view';
import { drawAll, drawChanged } from './changed';

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    invisibles: { showInvisibles: (show: boolean) => ReturnType };
  }
}

const NAMES: Record<string, string> = { '\u200c': 'zwnj', '\u00a0': 'nbsp' };
const SIGNS = /[\u200c\u00a0\u200d-\u200f\u202a-\u202e\u2066-\u2069]/g;

const key = new PluginKey<DecorationSet | null>('invisibles');

export const areShown = (state: Parameters<typeof key.getState>[0]): boolean => Boolean(key.getState(state));

function mark(node: Node, pos: number, to: Decoration[]): void {
  if (!node.isText) return node.forEach((child, offset) => mark(child, pos + 1 + offset, to));
  for (const { index, 0: sign } of (node.text ?? '').matchAll(SIGNS)) to.push(Decoration.inline(pos + index, pos + index + 1, { class: `sign ${NAMES[sign] ?? 'bidi'}` }));
}

export const Invisibles = Extension.create({
  name: 'invisibles',
  addCommands: () => ({
    showInvisibles:
      (show) =>
      ({ tr, dispatch }) => {
        dispatch?.(tr.setMeta(key, show).setMeta('addToHistory', false));
        return true;
      },
  }),
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet | null>({
      key,
      state: {
        init: () => null,
        apply(tr, old) {
          const show = tr.getMeta(key) as boolean | undefined;
          if (show !== undefined) return show ? drawAll(tr.doc, mark) : null;
          return old && tr.docChanged ? drawChanged(tr, old, mark) : old;
        },
      },
      props: {
        decorations: (state) => key.getState(state),
        attributes: (state): Record<string, string> => (key.getState(state) ? { 'data-invisibles': '' } : {}),
      },
    }),
  ],
});
