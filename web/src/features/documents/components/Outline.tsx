// The headings of a text as it is now; each leads there.

import { Trans, useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { useEffect, useState } from 'react';

interface Heading {
  level: number;
  words: string;
  /** Which of the headings it is. */
  at: number;
}

const PAUSE_MS = 300;
const INDENTS = ['ps-2', 'ps-5', 'ps-8', 'ps-11'];

export function Outline({ text, onGo }: { text: Editor | null; onGo: (() => void) | null }) {
  const { t } = useLingui();
  const headings = useHeadings(text);
  if (headings.length === 0) {
    return (
      <p className="text-ink-2">
        <Trans>What is a heading in the text stands here, and leads there.</Trans>
      </p>
    );
  }
  const go = (heading: Heading) => {
    onGo?.();
    if (text) goTo(text, heading);
  };
  return (
    <nav aria-label={t`Outline`}>
      <ol>
        {headings.map((heading) => (
          <li key={heading.at}>
            <button type="button" dir="auto" onClick={() => go(heading)} className={`block w-full min-h-9 rounded-md py-1 pe-2 text-start cursor-pointer wrap-anywhere hover:bg-sunken ${INDENTS[Math.min(heading.level, INDENTS.length) - 1] ?? ''}`}>
              {heading.words || t`An empty heading`}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function headingsOf(text: Editor): Heading[] {
  const found: Heading[] = [];
  text.state.doc.descendants((node) => {
    if (node.type.name === 'heading') found.push({ level: Number(node.attrs.level), words: node.textContent, at: found.length });
    return !node.isTextblock;
  });
  return found;
}

function useHeadings(text: Editor | null): readonly Heading[] {
  const [headings, setHeadings] = useState<readonly Heading[]>([]);
  useEffect(() => {
    if (!text) return setHeadings([]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer = undefined;
      if (text.isDestroyed) return;
      const now = headingsOf(text);
      setHeadings((old) => (JSON.stringify(old) === JSON.stringify(now) ? old : now));
    };
    const soon = () => void (timer ??= setTimeout(look, PAUSE_MS));
    look();
    text.on('update', soon);
    return () => {
      text.off('update', soon);
      clearTimeout(timer);
    };
  }, [text]);
  return headings;
}

/** The text may have grown since the outline was drawn, so the heading is looked for anew. */
function goTo(text: Editor, { at }: Heading): void {
  const heading = text.view.dom.querySelectorAll<HTMLElement>('h1, h2, h3, h4')[at];
  if (!heading) return;
  text.commands.setTextSelection(text.view.posAtDOM(heading, 0));
  text.view.focus();
  heading.scrollIntoView({ block: 'center' });
}
