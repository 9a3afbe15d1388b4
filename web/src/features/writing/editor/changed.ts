// What is derived from a document is made anew only for the outermost blocks that a transaction touched.

import type { Node } from '@tiptap/pm/model';
import type { Transaction } from '@tiptap/pm/state';
import type { Mapping, Step } from '@tiptap/pm/transform';
import { DecorationSet, type Decoration } from '@tiptap/pm/view';

interface Span {
  from: number;
  to: number;
}

/** Draws what stands in an outermost block. */
type Draw = (node: Node, pos: number, to: Decoration[]) => void;

export function drawAll(doc: Node, draw: Draw): DecorationSet {
  const all: Decoration[] = [];
  doc.forEach((node, offset) => draw(node, offset, all));
  return DecorationSet.create(doc, all);
}

/** The same set after a transaction: only what changed is looked at again. */
export function drawChanged(tr: Transaction, old: DecorationSet, draw: Draw): DecorationSet {
  let set = old.map(tr.mapping, tr.doc);
  for (const { node, from, to } of changedBlocks(tr)) {
    const own: Decoration[] = [];
    draw(node, from, own);
    // Neighbours touch its edges.
    set = set.remove(set.find(from + 1, to - 1)).add(tr.doc, own);
  }
  return set;
}

/** From the first to the last place that was written, as they are afterwards; `from` is behind `to` where there is none. */
export function spanOf(mapping: Mapping): Span {
  const span = { from: Infinity, to: -Infinity };
  mapping.maps.forEach((map, i) => map.forEach((_from, _to, from, to) => widen(span, mapping.slice(i + 1), from, to)));
  return span;
}

function widen(span: Span, rest: Mapping, from: number, to: number): void {
  span.from = Math.min(span.from, rest.map(from, -1));
  span.to = Math.max(span.to, rest.map(to, 1));
}

function changedBlocks({ doc, steps, mapping }: Transaction): (Span & { node: Node })[] {
  const span = spanOf(mapping);
  steps.forEach((step, i) => {
    // Marks and attributes move nothing, so their steps have no map.
    const { pos, from = pos, to = from } = step as Step & { pos?: number; from?: number; to?: number };
    if (from !== undefined && to !== undefined) widen(span, mapping.slice(i + 1), from, to);
  });
  const blocks: (Span & { node: Node })[] = [];
  // A change at an edge may have made the block before it.
  doc.forEach((node, from) => {
    const to = from + node.nodeSize;
    if (to >= span.from && from <= span.to) blocks.push({ node, from, to });
  });
  return blocks;
}
