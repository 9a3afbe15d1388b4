// Finds words however they are spelt, and puts others in their place.

import { Extension } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey, TextSelection, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import { fold } from '../../../lib/collate';

interface Hit {
  from: number;
  to: number;
}

interface Finding {
  query: string;
  hits: Hit[];
  /** The one that is shown; -1 before any is. */
  at: number;
  set: DecorationSet;
}

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    find: {
      find: (query: string) => ReturnType;
      /** Goes to the next hit, or the one before. */
      findNext: (step: 1 | -1) => ReturnType;
      replaceFound: (text: string) => ReturnType;
      replaceAllFound: (text: string) => ReturnType;
    };
  }
}

/** A folded text that knows where each sign of it came from. */
interface Folded {
  text: string;
  from: number[];
}

/** A line with its foldings: one without half-spaces, one with spaces in their place. */
interface Line {
  text: string;
  folded: readonly [Folded, Folded];
}

const signs = new Map<string, string>();

/** Texts are long, and made of few signs. */
function foldSign(sign: string): string {
  const known = signs.get(sign);
  if (known !== undefined) return known;
  const plain = fold(sign);
  signs.set(sign, plain);
  return plain;
}

function folded(text: string, halfSpace: '' | ' '): Folded {
  let out = '';
  const from: number[] = [];
  let at = 0;
  for (const sign of text) {
    const plain = sign === '\u200c' ? halfSpace : foldSign(sign);
    for (let i = 0; i < plain.length; i++) from.push(at);
    out += plain;
    at += sign.length;
  }
  from.push(at);
  return { text: out, from };
}

const readLine = (text: string): Line => ({ text, folded: [folded(text, ''), folded(text, ' ')] });

/** Where `query` is in a line; «می روم», «می‌روم» and «میروم» find each other. */
export const findIn = (line: string, query: string): Hit[] => hitsIn(readLine(line), readLine(query));

function hitsIn(line: Line, query: Line): Hit[] {
  const hits: Hit[] = [];
  line.folded.forEach(({ text, from }, i) => {
    const wanted = query.folded[i]?.text.trim();
    if (!wanted) return;
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const hit = { from: from[at] as number, to: ends(line.text, from[at + wanted.length - 1] as number) };
      if (!hits.some((other) => hit.from < other.to && other.from < hit.to)) hits.push(hit);
    }
  });
  return hits.sort((a, b) => a.from - b.from);
}

/** The end of the last sign with its marks, without a half-space that only the next word needs. */
const ends = (line: string, last: number): number => last + (/^[^]\p{Mn}*/u.exec(line.slice(last))?.[0].length ?? 0);

const lines = new WeakMap<Node, Line>();

function lineOf(block: Node): Line {
  const known = lines.get(block);
  if (known) return known;
  const line = readLine(block.type.spec.code ? block.textContent : block.textBetween(0, block.content.size, undefined, (leaf) => '\ufffc'.repeat(leaf.nodeSize)));
  lines.set(block, line);
  return line;
}

function findAll(doc: Node, query: string): Hit[] {
  const hits: Hit[] = [];
  if (!query.trim()) return hits;
  const wanted = readLine(query);
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    for (const { from, to } of hitsIn(lineOf(node), wanted)) hits.push({ from: pos + 1 + from, to: pos + 1 + to });
    return false;
  });
  return hits;
}

function show(doc: Node, query: string, hits: Hit[], at: number): Finding {
  const set = DecorationSet.create(
    doc,
    hits.map(({ from, to }, i) => Decoration.inline(from, to, { class: i === at ? 'hit now' : 'hit' })),
  );
  return { query, hits, at, set };
}

const NOTHING: Finding = { query: '', hits: [], at: -1, set: DecorationSet.empty };
const key = new PluginKey<Finding>('find');

export const finding = (state: EditorState): Finding => key.getState(state) ?? NOTHING;

export const Find = Extension.create({
  name: 'find',
  addCommands: () => ({
    find:
      (query) =>
      ({ state, tr, dispatch }) => {
        const hits = findAll(state.doc, query);
        const at = hits.findIndex(({ to }) => to >= state.selection.from);
        dispatch?.(tr.setMeta(key, { query, hits, at: at < 0 && hits.length > 0 ? 0 : at }));
        return true;
      },
    findNext:
      (step) =>
      ({ state, tr, dispatch }) => {
        const { query, hits, at } = finding(state);
        if (hits.length === 0) return false;
        const next = (at + step + hits.length) % hits.length;
        const hit = hits[next] as Hit;
        dispatch?.(tr.setSelection(TextSelection.create(tr.doc, hit.from, hit.to)).setMeta(key, { query, hits, at: next }).scrollIntoView());
        return true;
      },
    replaceFound:
      (text) =>
      ({ state, tr, dispatch }) => {
        const { query, hits, at } = finding(state);
        const hit = hits[at];
        if (!hit) return false;
        put(tr, hit, text);
        const rest = findAll(tr.doc, query);
        const next = rest.findIndex(({ from }) => from >= hit.from + text.length);
        dispatch?.(tr.setMeta(key, { query, hits: rest, at: next < 0 && rest.length > 0 ? 0 : next }));
        return true;
      },
    replaceAllFound:
      (text) =>
      ({ state, tr, dispatch }) => {
        const { query, hits } = finding(state);
        for (const hit of [...hits].reverse()) put(tr, hit, text);
        dispatch?.(tr.setMeta(key, { query, hits: findAll(tr.doc, query), at: -1 }));
        return true;
      },
  }),
  addProseMirrorPlugins: () => [
    new Plugin<Finding>({
      key,
      state: {
        init: () => NOTHING,
        apply(tr, old) {
          const asked = tr.getMeta(key) as Pick<Finding, 'query' | 'hits' | 'at'> | undefined;
          if (asked) return asked.query ? show(tr.doc, asked.query, asked.hits, asked.at) : NOTHING;
          if (!tr.docChanged || !old.query) return old;
          const hits = findAll(tr.doc, old.query);
          return show(tr.doc, old.query, hits, Math.min(old.at, hits.length - 1));
        },
      },
      props: { decorations: (state) => finding(state).set },
    }),
  ],
});

function put(tr: EditorState['tr'], { from, to }: Hit, text: string): void {
  if (text) tr.insertText(text, from, to);
  else tr.delete(from, to);
}

