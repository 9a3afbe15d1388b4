// Which way each block reads: as its writer chose, or as its words do, decided as the server decides for its exports.

import { Extension, findParentNode } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { Decoration, type DecorationSet } from '@tiptap/pm/view';
import { drawAll, drawChanged } from './changed';
import { ofText, type Dir } from './reads';

export type { Dir } from './reads';

/** The blocks that have a direction; items of lists and cells take it from what is in them. */
export const DIRECTED = ['paragraph', 'heading', 'codeBlock', 'bulletList', 'orderedList', 'taskList', 'blockquote', 'table'];

/** Nodes never change, so what was found for one holds. */
const found = new WeakMap<Node, Dir | null>();

/** How a node reads by itself; `null` follows what is around it. */
export function byContent(node: Node): Dir | null {
  const known = found.get(node);
  if (known !== undefined) return known;
  const dir = judge(node);
  found.set(node, dir);
  return dir;
}

function judge(node: Node): Dir | null {
  if (node.type.name === 'codeBlock') return 'ltr';
  if (node.isTextblock) return ofText(words(node));
  // A list that changed sides with a later item would jump while somebody types.
  return node.type.name.endsWith('List') ? firstOf(node) : ofText(allWords(node));
}

function words(block: Node): string {
  let text = '';
  block.forEach((child) => {
    if (child.isText) text += child.marks.some(({ type }) => type.name === 'code') ? ' ' : child.text;
    else text += child.type.name === 'mention' ? String(child.attrs.label) : ' ';
  });
  return text;
}

function allWords(node: Node): string {
  if (node.type.name === 'codeBlock') return '';
  if (node.isTextblock) return words(node);
  let text = '';
  node.forEach((child) => (text += ` ${allWords(child)}`));
  return text;
}

function firstOf(node: Node): Dir | null {
  for (const child of node.children) {
    const dir = child.isTextblock ? dirOf(child) : firstOf(child);
    if (dir) return dir;
  }
  return null;
}

export const chosen = (node: Node): Dir | null => (node.attrs.dir as Dir | null | undefined) ?? null;
const dirOf = (node: Node): Dir | null => chosen(node) ?? byContent(node);
const isDirected = ({ type }: Node): boolean => DIRECTED.includes(type.name);

/** The direction in which the block at `pos` is shown. */
export function shownAt(state: EditorState, pos: number): Dir {
  const $pos = state.doc.resolve(pos);
  for (let depth = $pos.depth; depth > 0; depth--) {
    const node = $pos.node(depth);
    const dir = isDirected(node) ? dirOf(node) : null;
    if (dir) return dir;
  }
  return documentDir(state);
}

const key = new PluginKey<{ base: Dir; set: DecorationSet }>('direction');
const documentDir = (state: EditorState): Dir => key.getState(state)?.base ?? 'rtl';

function decorate(node: Node, pos: number, around: Dir, to: Decoration[]): void {
  if (node.isInline) return;
  const own = (isDirected(node) && dirOf(node)) || around;
  if (isDirected(node)) to.push(Decoration.node(pos, pos + node.nodeSize, { dir: own }));
  if (!node.isTextblock) node.forEach((child, offset) => decorate(child, pos + 1 + offset, own, to));
}

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    direction: {
      /** Turns the blocks of the selection round, for good. */
      turn: () => ReturnType;
      /** Lets the table around the selection read the other way. */
      turnTable: () => ReturnType;
    };
  }
}

export const Direction = Extension.create<{ base: Dir }>({
  name: 'direction',
  addOptions: () => ({ base: 'rtl' as const }),
  addGlobalAttributes() {
    const dir = {
      default: null,
      // What we copied carries the direction that it had by itself.
      parseHTML: (element: HTMLElement) => {
        const own = element.getAttribute('dir')?.toLowerCase();
        return element.hasAttribute('data-by-itself') || (own !== 'rtl' && own !== 'ltr') ? null : own;
      },
      renderHTML: ({ dir }: { dir?: Dir | null }) => (dir ? { dir } : {}),
    };
    return [{ types: DIRECTED, attributes: { dir } }];
  },
  addCommands() {
    return {
      turn:
        () =>
        ({ state, tr, dispatch }) => {
          const { from, to, $from } = state.selection;
          const next: Dir = shownAt(state, $from.pos) === 'rtl' ? 'ltr' : 'rtl';
          state.doc.nodesBetween(from, to, (node, pos) => {
            if (!node.isTextblock) return true;
            if (dispatch) tr.setNodeAttribute(pos, 'dir', next);
            return false;
          });
          return true;
        },
      turnTable:
        () =>
        ({ state, tr, dispatch }) => {
          const table = findParentNode(({ type }) => type.name === 'table')(state.selection);
          if (!table) return false;
          const now = dirOf(table.node) ?? documentDir(state);
          if (dispatch) tr.setNodeAttribute(table.pos, 'dir', now === 'rtl' ? 'ltr' : 'rtl');
          return true;
        },
    };
  },
  addProseMirrorPlugins() {
    const { base } = this.options;
    const draw = (node: Node, pos: number, to: Decoration[]) => decorate(node, pos, base, to);
    return [
      new Plugin({
        key,
        state: {
          init: (_, { doc }) => ({ base, set: drawAll(doc, draw) }),
          apply: (tr, old) => (tr.docChanged ? { base, set: drawChanged(tr, old.set, draw) } : old),
        },
        props: { decorations: (state) => key.getState(state)?.set },
      }),
    ];
  },
});
