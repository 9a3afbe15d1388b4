// In and out by the clipboard: Markdown and HTML are read, both are given, each block with its direction.

import { Extension } from '@tiptap/core';
import { DOMSerializer, Fragment, Node, Slice, type Schema } from '@tiptap/pm/model';
import { Plugin } from '@tiptap/pm/state';
import { readLink } from './address';
import { byContent, chosen, DIRECTED } from './direction';
import { isMarkdown, readMarkdown } from './markdown/read';
import { writeMarkdown } from './markdown/write';

/** As the schema writes it; a block that nobody turned says which way it reads by itself. */
function serializer(schema: Schema): DOMSerializer {
  const nodes = DOMSerializer.nodesFromSchema(schema);
  for (const name of DIRECTED) {
    const plain = nodes[name];
    if (!plain) continue;
    nodes[name] = (node) => {
      const dir = chosen(node) ? null : byContent(node);
      const spec = plain(node);
      return dir && Array.isArray(spec) ? withAttributes(spec as unknown[], { dir, 'data-by-itself': '' }) : spec;
    };
  }
  return new DOMSerializer(nodes, DOMSerializer.marksFromSchema(schema));
}

function withAttributes([tag, first, ...rest]: unknown[], more: Record<string, string>) {
  const isAttributes = typeof first === 'object' && first !== null && !Array.isArray(first) && !('nodeType' in first);
  return [tag, isAttributes ? { ...first, ...more } : more, ...(isAttributes || first === undefined ? [] : [first]), ...rest] as unknown as ReturnType<NonNullable<DOMSerializer['nodes'][string]>>;
}

export function markdownOf(slice: Slice): string {
  const [only] = slice.content.content;
  if (slice.content.childCount === 1 && only?.isTextblock && slice.openStart > 0) return only.textBetween(0, only.content.size, '\n', (leaf) => (leaf.type.name === 'hardBreak' ? '\n' : `@${String(leaf.attrs.label ?? '')}`));
  return writeMarkdown(slice.content.content);
}

function readText(schema: Schema, text: string): Slice {
  const blocks = isMarkdown(text) ? readMarkdown(text).map((json) => Node.fromJSON(schema, json)) : paragraphs(schema, text);
  const content = Fragment.from(blocks);
  return blocks.length === 0 ? Slice.empty : Slice.maxOpen(content);
}

function paragraphs(schema: Schema, text: string): Node[] {
  const lines = text.replace(/\r\n?/g, '\n').split(/\n+/);
  return lines.map((line) => schema.nodes.paragraph?.create(null, line ? schema.text(line) : null)).filter((node) => node !== undefined);
}

/** Tags that say in words what a style said; the page's policy lets no style be read that was pasted. */
const MEANT: [RegExp, string][] = [
  [/font-weight:\s*(bold|[6-9]00)/, 'strong'],
  [/font-style:\s*italic/, 'em'],
  [/text-decoration[^;]*:[^;]*underline/, 'u'],
  [/text-decoration[^;]*:[^;]*line-through/, 's'],
];

/** What word processors give, without styles and scripts, and with what the styles meant. */
export function plainHtml(html: string): string {
  const muted = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, ' data-$1='));
  const { body } = new DOMParser().parseFromString(muted, 'text/html');
  for (const element of body.querySelectorAll('[data-style]')) {
    const style = element.getAttribute('data-style') ?? '';
    // A bold element that is not bold is how one of them wraps all it gives.
    if (element.matches('b, strong') && /font-weight:\s*(normal|[1-4]00)/.test(style)) element.replaceWith(...element.childNodes);
    else if (element.matches('span, a, font')) for (const [pattern, tag] of MEANT) if (pattern.test(style)) wrap(element, tag);
  }
  return body.innerHTML;
}

function wrap(element: Element, tag: string): void {
  const inside = element.ownerDocument.createElement(tag);
  inside.append(...element.childNodes);
  element.append(inside);
}

export const Clipboard = Extension.create({
  name: 'clipboard',
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          clipboardSerializer: serializer(editor.schema),
          transformPastedHTML: plainHtml,
          clipboardTextSerializer: markdownOf,
          clipboardTextParser: (text, $context, isPlain) => (isPlain || $context.parent.type.spec.code ? new Slice(Fragment.from(paragraphs(editor.schema, text)), 1, 1) : readText(editor.schema, text)),
          // An address over words makes them a link.
          handlePaste(_, event) {
            const href = readLink(event.clipboardData?.getData('text/plain') ?? '');
            if (!href || editor.state.selection.empty || !/^(https?:|mailto:)/.test(href)) return false;
            return editor.commands.setLink(href);
          },
        },
      }),
    ];
  },
});
