// The outermost blocks that a transaction touched, as they are after it: what is derived from a document is made anew
// for these alone.

import type { Node } from '@tiptap/pm/model';
import type { Transaction } from '@tiptap/pm/state';

export interface Block {
  node: Node;
  from: number;
  to: number;
}

export function changedBlocks(tr: Transaction): Block[] {
  let start = Infinity;
  let end = -Infinity;
  tr.steps.forEach((step, i) => {
    const rest = tr.mapping.slice(i + 1);
    const touch = (from: number, to: number) => {
      start = Math.min(start, rest.map(from, -1));
      end = Math.max(end, rest.map(to, 1));
    };
    step.getMap().forEach((_from, _to, from, to) => touch(from, to));
    // Marks and attributes move nothing, so their steps have no map.
    const { pos, from = pos, to = from } = step.toJSON() as { pos?: number; from?: number; to?: number };
    if (from !== undefined && to !== undefined) touch(from, to);
  });
  const blocks: Block[] = [];
  // A change at an edge may have made the block before it.
  tr.doc.forEach((node, from) => {
    const to = from + node.nodeSize;
    if (to >= start && from <= end) blocks.push({ node, from, to });
  });
  return blocks;
}
