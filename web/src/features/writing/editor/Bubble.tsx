// What is done most with selected words, beside them.

import { useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { TextSelection } from '@tiptap/pm/state';
import { Bold, Code, Highlighter, Italic, Link, MessageSquarePlus } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Look } from './look';
import { putOver } from './over';
import { Bar, Tool } from './Tool';

interface Props {
  editor: Editor;
  look: Look;
  canChange: boolean;
  onLink: () => void;
  /** Where threads of comments are kept. */
  onComment: (() => void) | null;
}

/** The selected words, once they rest. */
function useSelected(editor: Editor): string {
  const [range, setRange] = useState('');
  useEffect(() => {
    const see = () => {
      const { selection, doc } = editor.state;
      const isText = selection instanceof TextSelection && !selection.empty && editor.view.hasFocus() && doc.textBetween(selection.from, selection.to).trim() !== '';
      setRange(isText && !selection.$from.parent.type.spec.code ? `${selection.from}-${selection.to}` : '');
    };
    const leave = ({ event }: { event: FocusEvent }) => {
      if (!(event.relatedTarget as HTMLElement | null)?.closest('[data-bubble]')) setRange('');
    };
    editor.on('selectionUpdate', see);
    editor.on('focus', see);
    editor.on('blur', leave);
    return () => {
      editor.off('selectionUpdate', see);
      editor.off('focus', see);
      editor.off('blur', leave);
    };
  }, [editor]);
  return range;
}

export function Bubble({ editor, look, canChange, onLink, onComment }: Props) {
  const { t } = useLingui();
  const range = useSelected(editor);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (range && box.current) place(editor, box.current);
  }, [editor, range]);
  const has = (mark: string) => look.marks.includes(mark);
  // On a touched screen the system's own menu stands there.
  if (!range || !(canChange || onComment)) return null;
  return (
    <div ref={box} data-bubble className="absolute z-20 rounded-md border border-line bg-surface p-0.5 shadow-over pointer-coarse:hidden">
      <Bar label={t`Selected words`}>
        {canChange && (
          <>
            <Tool label={t`Bold`} icon={Bold} pressed={has('bold')} onPress={() => editor.commands.toggleBold()} />
            <Tool label={t`Italic`} icon={Italic} pressed={has('italic')} onPress={() => editor.commands.toggleItalic()} />
            <Tool label={t`Code in the line`} icon={Code} pressed={has('code')} onPress={() => editor.commands.toggleCode()} />
            <Tool label={t`Highlight`} icon={Highlighter} pressed={has('highlight')} onPress={() => editor.commands.toggleHighlight()} />
            <Tool label={t`Link`} icon={Link} pressed={has('link')} onPress={onLink} />
          </>
        )}
        {onComment && <Tool label={t`Comment`} icon={MessageSquarePlus} onPress={onComment} />}
      </Bar>
    </div>
  );
}

/** Above the selection, or below it where there is no room; never outside of the window. */
function place(editor: Editor, box: HTMLElement): void {
  const { from, to } = editor.state.selection;
  const [start, end] = [editor.view.coordsAtPos(from), editor.view.coordsAtPos(to)];
  const bar = document.querySelector('[data-bars]')?.getBoundingClientRect().bottom ?? 0;
  const isAbove = start.top - box.offsetHeight - 8 > bar;
  const middle = (Math.min(start.left, end.left) + Math.max(start.right, end.right)) / 2;
  putOver(box, middle - box.offsetWidth / 2, isAbove ? start.top - box.offsetHeight - 8 : end.bottom + 8);
}
