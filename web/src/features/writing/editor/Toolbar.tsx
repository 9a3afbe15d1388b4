// What can be done with the text, above it: one row that scrolls where it does not fit, and a second one in tables.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { ArrowLeftRight, BetweenHorizontalEnd, BetweenHorizontalStart, BetweenVerticalEnd, BetweenVerticalStart, Bold, CheckSquare, Code, Combine, Eye, Highlighter, ImagePlus, Italic, Link, List, ListOrdered, Minus, PanelTop, Quote, Redo2, Search, Sparkles, Strikethrough, Table2, TableColumnsSplit, TableRowsSplit, Trash2, Underline, Undo2 } from 'lucide-react';
import type { Look } from './look';
import { BLOCKS } from './look';
import type { Digits } from './persian';
import { Bar, Gap, Tool } from './Tool';

interface Props {
  editor: Editor;
  look: Look;
  onFind: () => void;
  onLink: () => void;
  /** Where pictures can be kept. */
  onPicture: (() => void) | null;
  barRef: (bar: HTMLElement | null) => void;
}

const NAMES: Record<(typeof BLOCKS)[number], MessageDescriptor> = {
  paragraph: msg`Text`,
  heading1: msg`Heading 1`,
  heading2: msg`Heading 2`,
  heading3: msg`Heading 3`,
  heading4: msg`Heading 4`,
  codeBlock: msg`Code`,
};

const DIGITS: Record<Digits, MessageDescriptor> = { typed: msg`Digits as typed`, persian: msg`Persian digits`, latin: msg`Latin digits` };

const CHOICE = 'h-9 pointer-coarse:h-11 shrink-0 rounded-md border border-line-strong bg-surface px-2 text-ink cursor-pointer';

export function Toolbar({ editor, look, onFind, onLink, onPicture, barRef }: Props) {
  const { t, i18n } = useLingui();
  const has = (mark: string) => look.marks.includes(mark);
  const within = (wrap: string) => look.wraps.includes(wrap);
  return (
    <Bar ref={barRef} label={t`Formatting`} className="overflow-x-auto overscroll-x-contain p-1 md:flex-wrap">
      <Tool label={t`Undo`} icon={Undo2} keys="Ctrl+Z" mirrored disabled={!look.canUndo} onPress={() => editor.commands.undo()} />
      <Tool label={t`Redo`} icon={Redo2} keys="Ctrl+Shift+Z" mirrored disabled={!look.canRedo} onPress={() => editor.commands.redo()} />
      <Gap />
      <select aria-label={t`Kind of block`} value={look.block} onChange={(event) => setBlock(editor, event.target.value)} className={CHOICE}>
        {BLOCKS.map((block) => (
          <option key={block} value={block}>
            {i18n._(NAMES[block])}
          </option>
        ))}
      </select>
      <Gap />
      <Tool label={t`Bold`} icon={Bold} keys="Ctrl+B" pressed={has('bold')} onPress={() => editor.commands.toggleBold()} />
      <Tool label={t`Italic`} icon={Italic} keys="Ctrl+I" pressed={has('italic')} onPress={() => editor.commands.toggleItalic()} />
      <Tool label={t`Underline`} icon={Underline} keys="Ctrl+U" pressed={has('underline')} onPress={() => editor.commands.toggleUnderline()} />
      <Tool label={t`Strike through`} icon={Strikethrough} keys="Ctrl+Shift+S" pressed={has('strike')} onPress={() => editor.commands.toggleStrike()} />
      <Tool label={t`Code in the line`} icon={Code} keys="Ctrl+E" pressed={has('code')} onPress={() => editor.commands.toggleCode()} />
      <Tool label={t`Highlight`} icon={Highlighter} keys="Ctrl+Shift+H" pressed={has('highlight')} onPress={() => editor.commands.toggleHighlight()} />
      <Tool label={t`Link`} icon={Link} keys="Ctrl+K" pressed={has('link')} onPress={onLink} />
      <Gap />
      <Tool label={t`List`} icon={List} keys="Ctrl+Shift+8" mirrored pressed={within('bulletList')} onPress={() => editor.commands.toggleBulletList()} />
      <Tool label={t`Numbered list`} icon={ListOrdered} keys="Ctrl+Shift+7" mirrored pressed={within('orderedList')} onPress={() => editor.commands.toggleOrderedList()} />
      <Tool label={t`Checklist`} icon={CheckSquare} keys="Ctrl+Shift+9" pressed={within('taskList')} onPress={() => editor.commands.toggleTaskList()} />
      <Tool label={t`Quote`} icon={Quote} keys="Ctrl+Shift+B" pressed={within('blockquote')} onPress={() => editor.commands.toggleBlockquote()} />
      <Gap />
      <Tool label={t`Table`} icon={Table2} disabled={look.inTable} onPress={() => editor.commands.insertTable({ rows: 3, cols: 3, withHeaderRow: true })} />
      {onPicture && <Tool label={t`Picture`} icon={ImagePlus} onPress={onPicture} />}
      <Tool label={t`Line across`} icon={Minus} onPress={() => editor.commands.setHorizontalRule()} />
      <Gap />
      <Tool label={t`Turn the direction of this block`} icon={ArrowLeftRight} keys="Ctrl+Shift+X" onPress={() => editor.commands.turn()} />
      <HalfSpace editor={editor} />
      <Tool label={t`Show signs without a shape`} icon={Eye} pressed={look.showsSigns} onPress={() => editor.commands.showInvisibles(!look.showsSigns)} />
      <Tool label={t`Put Persian letters, half-spaces and quotation marks right`} icon={Sparkles} onPress={() => editor.commands.tidy()} />
      <select aria-label={t`Digits`} value={look.digits} onChange={(event) => chooseDigits(editor, event.target.value as Digits)} className={CHOICE}>
        {Object.entries(DIGITS).map(([digits, name]) => (
          <option key={digits} value={digits}>
            {i18n._(name)}
          </option>
        ))}
      </select>
      <Gap />
      <Tool label={t`Find and replace`} icon={Search} keys="Ctrl+F" onPress={onFind} />
    </Bar>
  );
}

/** The one tool with a word instead of a sign: its name is known, a sign for it is not. */
function HalfSpace({ editor }: { editor: Editor }) {
  const { t } = useLingui();
  return (
    <button type="button" data-tool tabIndex={-1} onMouseDown={(event) => event.preventDefault()} onClick={() => editor.chain().insertZwnj().focus().run()} className="h-9 pointer-coarse:h-11 shrink-0 rounded-md px-2 text-sm font-semibold whitespace-nowrap text-ink-2 cursor-pointer hover:bg-sunken hover:text-ink">
      {t`Half-space`}
    </button>
  );
}

function setBlock(editor: Editor, block: string): void {
  const chain = editor.chain().focus();
  const level = Number(/^heading([1-4])$/.exec(block)?.[1]) as 1 | 2 | 3 | 4;
  if (level) chain.setHeading({ level }).run();
  else if (block === 'codeBlock') chain.setCodeBlock().run();
  else chain.setParagraph().run();
}

function chooseDigits(editor: Editor, digits: Digits): void {
  editor.chain().setDigits(digits).focus().run();
}

export function TableBar({ editor }: { editor: Editor }) {
  const { t } = useLingui();
  return (
    <Bar label={t`Table`} className="overflow-x-auto overscroll-x-contain border-t border-line p-1">
      <Tool label={t`Row above`} icon={BetweenVerticalStart} onPress={() => editor.commands.addRowBefore()} />
      <Tool label={t`Row below`} icon={BetweenVerticalEnd} onPress={() => editor.commands.addRowAfter()} />
      <Tool label={t`Delete the row`} icon={TableRowsSplit} onPress={() => editor.commands.deleteRow()} />
      <Gap />
      <Tool label={t`Column before`} icon={BetweenHorizontalStart} mirrored onPress={() => editor.commands.addColumnBefore()} />
      <Tool label={t`Column after`} icon={BetweenHorizontalEnd} mirrored onPress={() => editor.commands.addColumnAfter()} />
      <Tool label={t`Delete the column`} icon={TableColumnsSplit} onPress={() => editor.commands.deleteColumn()} />
      <Gap />
      <Tool label={t`Merge or split cells`} icon={Combine} onPress={() => editor.commands.mergeOrSplit()} />
      <Tool label={t`First row as heading`} icon={PanelTop} onPress={() => editor.commands.toggleHeaderRow()} />
      <Tool label={t`Turn the direction of the table`} icon={ArrowLeftRight} onPress={() => editor.commands.turnTable()} />
      <Gap />
      <Tool label={t`Delete the table`} icon={Trash2} onPress={() => editor.commands.deleteTable()} />
    </Bar>
  );
}
