// What a document may hold: the same nodes, marks and attributes as the server's.

import { mergeAttributes, Mark, Node, type Extensions } from '@tiptap/core';
import { Blockquote } from '@tiptap/extension-blockquote';
import { Bold } from '@tiptap/extension-bold';
import { Code } from '@tiptap/extension-code';
import { CodeBlock } from '@tiptap/extension-code-block';
import { Document } from '@tiptap/extension-document';
import { HardBreak } from '@tiptap/extension-hard-break';
import { Heading } from '@tiptap/extension-heading';
import { Highlight } from '@tiptap/extension-highlight';
import { HorizontalRule } from '@tiptap/extension-horizontal-rule';
import { Image } from '@tiptap/extension-image';
import { Italic } from '@tiptap/extension-italic';
import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from '@tiptap/extension-list';
import { Paragraph } from '@tiptap/extension-paragraph';
import { Strike } from '@tiptap/extension-strike';
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table';
import { Text } from '@tiptap/extension-text';
import { Underline } from '@tiptap/extension-underline';
import { listRule } from './lists';
import { isLink, isPicture } from './address';

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    link: {
      setLink: (href: string) => ReturnType;
      unsetLink: () => ReturnType;
    };
    comment: {
      /** Marks the selection as what a thread is about. */
      setComment: (id: string) => ReturnType;
    };
  }
}

const Link = Mark.create({
  name: 'link',
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ href: { default: null } }),
  parseHTML: () => [{ tag: 'a[href]', getAttrs: (element) => (isLink(element.getAttribute('href')) ? null : false) }],
  renderHTML: ({ mark, HTMLAttributes }) => ['a', mergeAttributes(HTMLAttributes, { href: isLink(mark.attrs.href as string) ? mark.attrs.href : null, rel: 'noopener noreferrer nofollow', target: '_blank' }), 0],
  addCommands() {
    return {
      setLink: (href) => ({ commands }) => isLink(href) && commands.setMark('link', { href }),
      unsetLink: () => ({ commands }) => commands.unsetMark('link', { extendEmptyMarkRange: true }),
    };
  },
});

const Comment = Mark.create({
  name: 'comment',
  // Several threads may be about one text.
  excludes: '',
  inclusive: false,
  addAttributes: () => ({ id: { default: null, parseHTML: (element) => element.dataset.comment ?? null, renderHTML: ({ id }) => ({ 'data-comment': id as string }) } }),
  parseHTML: () => [{ tag: 'span[data-comment]' }],
  renderHTML: ({ HTMLAttributes }) => ['span', HTMLAttributes, 0],
  addCommands() {
    return { setComment: (id) => ({ commands }) => commands.setMark('comment', { id }) };
  },
});

const Mention = Node.create({
  name: 'mention',
  group: 'inline',
  inline: true,
  atom: true,
  addAttributes: () => ({
    id: { default: null, parseHTML: (element) => element.dataset.mention ?? null, renderHTML: ({ id }) => ({ 'data-mention': id as string }) },
    label: { default: '', parseHTML: (element) => element.textContent.replace(/^@/, ''), rendered: false },
  }),
  parseHTML: () => [{ tag: 'span[data-mention]' }],
  renderHTML: ({ node, HTMLAttributes }) => ['span', mergeAttributes(HTMLAttributes, { dir: 'auto' }), `@${String(node.attrs.label || node.attrs.id)}`],
  renderText: ({ node }) => `@${String(node.attrs.label || node.attrs.id)}`,
});

/** Only pictures of the house: others would tell their hosts who reads. */
const Picture = Image.extend({
  parseHTML: () => [{ tag: 'img[src]', getAttrs: (element) => (isPicture(element.getAttribute('src')) ? null : false) }],
  renderHTML: ({ node, HTMLAttributes }) => ['img', mergeAttributes(HTMLAttributes, { src: isPicture(node.attrs.src as string) ? node.attrs.src : null, alt: (node.attrs.alt as string | null) ?? '' })],
});

const Numbers = OrderedList.extend({
  addInputRules() {
    return [listRule(this.type)];
  },
});

export function schema(taskLabel: (text: string) => string): Extensions {
  return [
    Document,
    Text,
    Paragraph,
    Heading.configure({ levels: [1, 2, 3, 4] }),
    BulletList,
    Numbers,
    ListItem,
    ListKeymap,
    TaskList,
    TaskItem.configure({ nested: true, a11y: { checkboxLabel: (node) => taskLabel(node.firstChild?.textContent ?? '') } }),
    Blockquote,
    CodeBlock.configure({ enableTabIndentation: false }),
    HorizontalRule,
    HardBreak,
    Picture,
    Table.configure({ renderWrapper: true, resizable: false }),
    TableRow,
    TableHeader,
    TableCell,
    Mention,
    Bold,
    Italic,
    Underline,
    Strike,
    Code.extend({ excludes: 'bold italic strike underline highlight' }),
    Highlight,
    Link,
    Comment,
  ];
}
