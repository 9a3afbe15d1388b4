// What `/` brings. Each entry is found by words of both languages, whichever the page is in.

import type { Editor } from '@tiptap/core';
import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { CheckSquare, Code2, Heading1, Heading2, Heading3, Heading4, ImagePlus, List, ListOrdered, Minus, Pilcrow, Quote, Table2, type LucideIcon } from 'lucide-react';
import { holds } from '../../../lib/collate';

export interface Entry {
  id: string;
  icon: LucideIcon;
  name: MessageDescriptor;
  words: string;
  run: (editor: Editor) => void;
}

const heading = (level: 1 | 2 | 3 | 4, icon: LucideIcon, name: MessageDescriptor, words: string): Entry => ({
  id: `heading${level}`,
  icon,
  name,
  words: `${words} h${level} heading title سرتیتر عنوان تیتر`,
  run: (editor) => editor.commands.setHeading({ level }),
});

const ENTRIES: Entry[] = [
  { id: 'text', icon: Pilcrow, name: msg`Text`, words: 'text paragraph متن پاراگراف بند', run: (editor) => editor.commands.setParagraph() },
  heading(1, Heading1, msg`Heading 1`, '1 ۱'),
  heading(2, Heading2, msg`Heading 2`, '2 ۲'),
  heading(3, Heading3, msg`Heading 3`, '3 ۳'),
  heading(4, Heading4, msg`Heading 4`, '4 ۴'),
  { id: 'bullets', icon: List, name: msg`List`, words: 'list bullets unordered فهرست لیست گلوله', run: (editor) => editor.commands.toggleBulletList() },
  { id: 'numbers', icon: ListOrdered, name: msg`Numbered list`, words: 'numbered ordered list فهرست شماره‌دار لیست عددی', run: (editor) => editor.commands.toggleOrderedList() },
  { id: 'tasks', icon: CheckSquare, name: msg`Checklist`, words: 'tasks todo checklist checkbox کار کارها چک‌لیست وظیفه', run: (editor) => editor.commands.toggleTaskList() },
  { id: 'table', icon: Table2, name: msg`Table`, words: 'table grid جدول', run: (editor) => editor.commands.insertTable({ rows: 3, cols: 3, withHeaderRow: true }) },
  { id: 'quote', icon: Quote, name: msg`Quote`, words: 'quote blockquote نقل‌قول گفته', run: (editor) => editor.commands.toggleBlockquote() },
  { id: 'code', icon: Code2, name: msg`Code`, words: 'code block snippet کد برنامه', run: (editor) => editor.commands.toggleCodeBlock() },
  { id: 'rule', icon: Minus, name: msg`Line across`, words: 'rule line divider hr خط جداکننده', run: (editor) => editor.commands.setHorizontalRule() },
];

/** The entries for what was typed; a picture can be chosen where pictures can be kept. */
export function entriesFor(query: string, named: (name: MessageDescriptor) => string, choosePicture: (() => void) | null): Entry[] {
  const picture: Entry[] = choosePicture ? [{ id: 'picture', icon: ImagePlus, name: msg`Picture`, words: 'picture image photo تصویر عکس', run: choosePicture }] : [];
  return [...ENTRIES, ...picture].filter(({ name, words }) => !query || holds(`${named(name)} ${words}`, query));
}
