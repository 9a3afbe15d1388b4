// Markdown as people paste it, to the nodes of a document.

import { latinDigits } from '../../../../lib/digits';
import { isPicture } from '../address';
import { readInline, type Json } from './inline';

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const ITEM = /^( {0,3})([-*+•]|([0-9۰-۹٠-٩]{1,9})[.)])([ \t]+|$)(.*)$/;
const TASK = /^\[([ xX])\][ \t]+/;
const ROW = /^ {0,3}\|?.*\|.*$/;
const DELIMITER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const PICTURE = /^!\[((?:[^\]\\]|\\.)*)\]\((\S+?)(?:\s+"([^"]*)")?\)$/;

/** Deeper than this, lists and quotes are text. */
const DEEPEST = 12;

/** Whether a plain text looks as if it were written so. */
export function isMarkdown(text: string): boolean {
  const lines = text.split('\n');
  const isBlock = (line: string) => /^#{1,6} \S|^ {0,3}(```|~~~)|^> ?\S|^ {0,3}[-*+] \S|^ {0,3}[0-9۰-۹٠-٩]{1,9}[.)] \S|^(-{3,}|\*{3,})$/.test(line);
  const hasTable = lines.some((line, i) => line.includes('-') && line.includes('|') && DELIMITER.test(line) && ROW.test(lines[i - 1] ?? ''));
  return hasTable || lines.some(isBlock) || /\*\*\S[^*\n]*\S?\*\*|\[[^\]\n]+\]\((https?:|mailto:|\/|#)[^)\s]*\)|`[^`\n]+`|~~\S[^~\n]*~~/.test(text);
}

export function readMarkdown(text: string): Json[] {
  return readBlocks(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

function readBlocks(lines: readonly string[], depth: number): Json[] {
  const blocks: Json[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (!line.trim()) at++;
    else {
      const [block, next] = readBlock(lines, at, depth);
      blocks.push(...block);
      at = next;
    }
  }
  return blocks;
}

type Read = [Json[], next: number];

function readBlock(lines: readonly string[], at: number, depth: number): Read {
  const line = lines[at] ?? '';
  const fence = FENCE.exec(line);
  if (fence) return readCode(lines, at, fence);
  const heading = HEADING.exec(line);
  if (heading) return [[{ type: 'heading', attrs: { level: Math.min(4, (heading[1] ?? '').length) }, ...inline(heading[2] ?? '') }], at + 1];
  if (RULE.test(line)) return [[{ type: 'horizontalRule' }], at + 1];
  if (isTable(lines, at)) return readTable(lines, at);
  if (depth < DEEPEST && /^ {0,3}>/.test(line)) return readQuote(lines, at, depth);
  if (depth < DEEPEST && ITEM.test(line)) return readList(lines, at, depth);
  return readParagraph(lines, at);
}

const inline = (text: string): { content?: Json[] } => {
  const content = readInline(text);
  return content.length > 0 ? { content } : {};
};

function readCode(lines: readonly string[], at: number, [, fence = '', language = '']: RegExpExecArray): Read {
  const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`);
  let end = at + 1;
  while (end < lines.length && !closing.test(lines[end] ?? '')) end++;
  const text = lines.slice(at + 1, end).join('\n');
  return [[{ type: 'codeBlock', attrs: { language: language || null }, ...(text && { content: [{ type: 'text', text }] }) }], end + 1];
}

function readQuote(lines: readonly string[], at: number, depth: number): Read {
  let end = at;
  while (end < lines.length && (/^ {0,3}>/.test(lines[end] ?? '') || isLazy(lines, end))) end++;
  const inner = lines.slice(at, end).map((line) => line.replace(/^ {0,3}> ?/, ''));
  return [[{ type: 'blockquote', content: filled(readBlocks(inner, depth + 1)) }], end];
}

/** A line that only goes on with the paragraph before it. */
const isLazy = (lines: readonly string[], at: number) => Boolean((lines[at] ?? '').trim()) && Boolean((lines[at - 1] ?? '').replace(/^ {0,3}> ?/, '').trim()) && !startsBlock(lines, at);

const startsBlock = (lines: readonly string[], at: number) =>
  [FENCE, HEADING, RULE, ITEM, /^ {0,3}>/].some((pattern) => pattern.test(lines[at] ?? '')) || isTable(lines, at);

const filled = (blocks: Json[]): Json[] => (blocks.length > 0 ? blocks : [{ type: 'paragraph' }]);

/** Items of one kind; what is indented as far as their text belongs to them. */
function readList(lines: readonly string[], at: number, depth: number): Read {
  const first = ITEM.exec(lines[at] ?? '') as RegExpExecArray;
  const isNumbered = first[3] !== undefined;
  const isTasks = !isNumbered && TASK.test(first[5] ?? '');
  const items: Json[] = [];
  let end = at;
  for (;;) {
    const item = ITEM.exec(lines[end] ?? '');
    if (!item || (item[3] !== undefined) !== isNumbered || TASK.test(item[5] ?? '') !== isTasks || RULE.test(lines[end] ?? '')) break;
    const own: string[] = [(item[5] ?? '').replace(isTasks ? TASK : /^$/, '')];
    const width = (item[1] ?? '').length + (item[2] ?? '').length + Math.min(4, (item[4] ?? ' ').length || 1);
    for (end++; end < lines.length; end++) {
      const line = lines[end] ?? '';
      const indent = /^[ \t]*/.exec(line.replace(/\t/g, '    '))?.[0].length ?? 0;
      const isOwn = !line.trim() ? hasMore(lines, end, width) : indent >= Math.min(width, 2) && indent > (item[1] ?? '').length ? true : isLazy(lines, end) && !ITEM.test(line);
      if (!isOwn) break;
      own.push(line.replace(/\t/g, '    ').slice(Math.min(indent, width)));
    }
    const [head = { type: 'paragraph' }, ...rest] = readBlocks(own, depth + 1);
    const content = head.type === 'paragraph' ? [head, ...rest] : head.type === 'heading' ? [{ ...head, type: 'paragraph', attrs: {} }, ...rest] : [{ type: 'paragraph' }, head, ...rest];
    items.push({ type: isTasks ? 'taskItem' : 'listItem', ...(isTasks && { attrs: { checked: /^\[[xX]\]/.test(item[5] ?? '') } }), content });
    while (end < lines.length && !(lines[end] ?? '').trim() && ITEM.test(lines[end + 1] ?? '')) end++;
  }
  if (isNumbered) return [[{ type: 'orderedList', attrs: { start: Number(latinDigits(first[3] ?? '1')) }, content: items }], end];
  return [[{ type: isTasks ? 'taskList' : 'bulletList', content: items }], end];
}

/** Whether an item goes on after an empty line. */
function hasMore(lines: readonly string[], at: number, width: number): boolean {
  const next = lines.slice(at).find((line) => line.trim());
  return next !== undefined && (/^[ \t]*/.exec(next)?.[0].replace(/\t/g, '    ').length ?? 0) >= Math.min(width, 2) && /^[ \t]/.test(next);
}

function isTable(lines: readonly string[], at: number): boolean {
  const delimiter = lines[at + 1] ?? '';
  return ROW.test(lines[at] ?? '') && delimiter.includes('|') && DELIMITER.test(delimiter) && cells(lines[at] ?? '').length === cells(delimiter).length;
}

/** A row's cells; `\|` is no border. */
function cells(row: string): string[] {
  const inner = row.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, '|'));
}

function readTable(lines: readonly string[], at: number): Read {
  const aligns = cells(lines[at + 1] ?? '').map((cell) => (/^:-+:$/.test(cell) ? 'center' : /-:$/.test(cell) ? 'right' : /^:-/.test(cell) ? 'left' : null));
  const row = (line: string, type: string): Json => {
    const own = cells(line);
    return { type: 'tableRow', content: aligns.map((align, i) => ({ type, attrs: align ? { align } : {}, content: [{ type: 'paragraph', ...inline(own[i] ?? '') }] })) };
  };
  let end = at + 2;
  while (end < lines.length && (lines[end] ?? '').includes('|')) end++;
  const body = lines.slice(at + 2, end).map((line) => row(line, 'tableCell'));
  return [[{ type: 'table', content: [row(lines[at] ?? '', 'tableHeader'), ...body] }], end];
}

function readParagraph(lines: readonly string[], at: number): Read {
  let end = at + 1;
  while (end < lines.length && (lines[end] ?? '').trim() && !startsBlock(lines, end)) end++;
  const text = lines.slice(at, end).map((line) => line.replace(/^[ \t]+/, '')).join('\n').trimEnd();
  const picture = PICTURE.exec(text);
  if (picture && isPicture(picture[2])) return [[{ type: 'image', attrs: { alt: picture[1] || null, src: picture[2], title: picture[3] ?? null } }], end];
  // Lines of one paragraph are one line; two spaces at an end keep the break.
  const content = readInline(text).map((node) => (node.text ? { ...node, text: node.text.replace(/\n/g, ' ') } : node));
  return [[{ type: 'paragraph', ...(content.length > 0 && { content }) }], end];
}
