// The words of a document, counted block by block: what did not change is not counted again.

import type { Node } from '@tiptap/pm/model';
import { countWords, readingSeconds, type Count } from './persian';

type Sum = ReturnType<typeof countWords>;

const known = new WeakMap<Node, Sum>();

function sumOf(node: Node): Sum {
  const found = known.get(node);
  if (found) return found;
  let sum: Sum = { words: 0, persian: 0, characters: 0 };
  if (node.isTextblock) sum = countWords(node.textBetween(0, node.content.size, undefined, (leaf) => (leaf.attrs.label ? String(leaf.attrs.label) : ' ')));
  else node.forEach((child) => (sum = add(sum, sumOf(child))));
  known.set(node, sum);
  return sum;
}

const add = (a: Sum, b: Sum): Sum => ({ words: a.words + b.words, persian: a.persian + b.persian, characters: a.characters + b.characters });

export function count(doc: Node): Count {
  const { words, persian, characters } = sumOf(doc);
  return { words, characters, readingSeconds: readingSeconds(words, persian) };
}
