// Nodes of a document as Markdown, for whoever copies them into something that knows no better.

import type { Mark, Node } from '@tiptap/pm/model';

export function writeMarkdown(blocks: readonly Node[]): string {
  return blocks.map((block) => writeBlock(block)).join('\n\n');
}

function writeBlock(node: Node): string {
  const { attrs } = node;
  switch (node.type.name) {
    case 'heading':
      return `${'#'.repeat(attrs.level as number)} ${writeLine(node)}`;
    case 'codeBlock':
      return writeCode(node.textContent, (attrs.language as string | null) ?? '');
    case 'horizontalRule':
      return '---';
    case 'image':
      return `![${escape((attrs.alt as string | null) ?? '')}](${String(attrs.src)}${attrs.title ? ` "${String(attrs.title).replaceAll('"', "'")}"` : ''})`;
    case 'blockquote':
      return writeMarkdown(node.children).replace(/^/gm, '> ');
    case 'bulletList':
      return writeItems(node, () => '- ');
    case 'taskList':
      return writeItems(node, (item) => `- [${item.attrs.checked ? 'x' : ' '}] `);
    case 'orderedList':
      return writeItems(node, (_, i) => `${(attrs.start as number) + i}. `);
    case 'table':
      return writeTable(node);
    default:
      return node.isTextblock ? guard(writeLine(node)) : writeMarkdown(node.children);
  }
}

/** The start of a line must not become something else. */
const guard = (line: string) => line.replace(/^(\s*)([#>+-]|(\d+)([.)]))(?=\s|$)/, (_, space: string, sign: string, number?: string, dot?: string) => (number ? `${space}${number}\\${dot ?? ''}` : `${space}\\${sign}`));

function writeCode(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function writeItems(list: Node, sign: (item: Node, i: number) => string): string {
  const items = list.children.map((item, i) => {
    const head = sign(item, i);
    const indent = ' '.repeat(head.startsWith('-') ? 2 : head.length);
    const [first, ...rest] = item.children.map(writeBlock);
    // A list below a line of an item needs no empty line between them.
    const body = [first ?? '', ...rest.map((block, n) => (/List$/.test(item.child(n + 1).type.name) ? block : `\n${block}`))].join('\n');
    return head + body.replace(/\n(?=.)/g, `\n${indent}`);
  });
  return items.join('\n');
}

function writeTable(table: Node): string {
  const rows = table.children.map((row) => row.children.map((cell) => cell.children.map(writeBlock).join('<br>').replace(/\n+/g, '<br>').replaceAll('|', '\\|')));
  const columns = Math.max(...rows.map((row) => row.length));
  const line = (row: readonly string[]) => `| ${Array.from({ length: columns }, (_, i) => row[i] ?? '').join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(Array.from({ length: columns }, () => '---')), ...body.map(line)].join('\n');
}

const SIGNS: Record<string, [string, string]> = { bold: ['**', '**'], italic: ['*', '*'], strike: ['~~', '~~'], highlight: ['<mark>', '</mark>'], underline: ['<u>', '</u>'] };
/** From the outermost inwards. */
const ORDER = ['link', 'bold', 'italic', 'strike', 'underline', 'highlight'];

function writeLine(block: Node): string {
  let out = '';
  let open: Mark[] = [];
  const close = (to: number) => {
    for (const mark of open.splice(to).reverse()) out = putBehind(out, ending(mark));
  };
  block.forEach((child) => {
    const marks = ORDER.flatMap((name) => child.marks.filter((mark) => mark.type.name === name));
    const same = open.findIndex((mark, i) => !marks[i]?.eq(mark));
    close(same < 0 ? open.length : same);
    for (const mark of marks.slice(open.length)) out += beginning(mark);
    open = marks;
    out += writeInline(child);
  });
  close(0);
  return out;
}

const beginning = (mark: Mark) => (mark.type.name === 'link' ? '[' : (SIGNS[mark.type.name]?.[0] ?? ''));
const ending = (mark: Mark) => (mark.type.name === 'link' ? `](${String(mark.attrs.href).replace(/[()\s]/g, encodeURIComponent)})` : (SIGNS[mark.type.name]?.[1] ?? ''));

/** A mark ends before the spaces that end it: behind them it would mean nothing. */
function putBehind(out: string, sign: string): string {
  const [spaces = ''] = /[ \t]*$/.exec(out) ?? [];
  return out.slice(0, out.length - spaces.length) + sign + spaces;
}

function writeInline(node: Node): string {
  if (node.type.name === 'hardBreak') return '  \n';
  if (!node.isText) return node.attrs.label ? `@${String(node.attrs.label)}` : '';
  const text = node.text ?? '';
  if (!node.marks.some(({ type }) => type.name === 'code')) return escape(text);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 && /^`|`$/.test(text) ? ' ' : '';
  return fence + space + text + space + fence;
}

/** Only what would be read as a sign: a text full of backslashes is no help to anybody. */
const escape = (text: string) => text.replace(/[\\`*[\]]|~~|==|<(?=[a-z/!])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/giu, (sign) => sign.replace(/./g, '\\$&'));
