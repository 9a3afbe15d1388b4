// A text with the simplest of Markdown: paragraphs, lists and headings. All else stays as it was written.

import type { ReactNode } from 'react';

export interface Block {
  kind: 'paragraph' | 'heading' | 'bullets' | 'numbers';
  lines: string[];
}

const MARKS: readonly [Block['kind'], RegExp][] = [
  ['heading', /^#{1,4}\s+/],
  ['bullets', /^\s*[-*•]\s+/],
  ['numbers', /^\s*[\d۰-۹]{1,3}[.)]\s+/],
];

export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    if (!line.trim()) {
      isOpen = false;
      continue;
    }
    const [kind, mark] = MARKS.find(([, mark]) => mark.test(line)) ?? (['paragraph', /^/] as const);
    const last = blocks.at(-1);
    if (isOpen && last?.kind === kind && kind !== 'heading') last.lines.push(line.replace(mark, ''));
    else blocks.push({ kind, lines: [line.replace(mark, '')] });
    isOpen = true;
  }
  return blocks;
}

export function RichText({ text }: { text: string }) {
  return (
    <div className="grid gap-2 wrap-anywhere">
      {blocksOf(text).map((block, at) => (
        <Shown key={at} {...block} />
      ))}
    </div>
  );
}

function Shown({ kind, lines }: Block): ReactNode {
  const items = lines.map((line, at) => (
    <li key={at}>
      <Line text={line} />
    </li>
  ));
  // A list runs as its first words do: its marks would stand outside of it otherwise.
  if (kind === 'bullets') return <ul dir="auto" className="list-disc ps-5">{items}</ul>;
  if (kind === 'numbers') return <ol dir="auto" className="list-decimal ps-5">{items}</ol>;
  return (
    <p dir="auto" className={kind === 'heading' ? 'font-bold' : 'whitespace-pre-line'}>
      <Line text={lines.join('\n')} />
    </p>
  );
}

const ADDRESS = /(https?:\/\/[^\s<>«»"']+[^\s<>«»"'.,;:!?،؛)])/;

/** Addresses lead there. */
function Line({ text }: { text: string }) {
  return text.split(ADDRESS).map((part, at) =>
    at % 2 ? (
      <a key={at} href={part} dir="ltr" rel="noreferrer nofollow" className="text-lajvard underline">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
