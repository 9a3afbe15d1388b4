// Markdown inside a line: marks, links, code and breaks.

import { isLink } from '../address';

export interface Json {
  type: string;
  attrs?: Record<string, unknown>;
  content?: Json[];
  marks?: { type: string; attrs?: Record<string, unknown> }[];
  text?: string;
}

type Marks = NonNullable<Json['marks']>;

/** Each with the words between its signs in the group `in`. */
const SPANS: [RegExp, string][] = [
  [/^\*\*(?=\S)(?<in>[^]*?\S)\*\*/, 'bold'],
  [/^__(?=\S)(?<in>[^]*?\S)__(?![\p{L}\p{N}])/u, 'bold'],
  [/^~~(?=\S)(?<in>[^]*?\S)~~/, 'strike'],
  [/^==(?=\S)(?<in>[^]*?\S)==/, 'highlight'],
  [/^<u>(?<in>[^]*?)<\/u>/, 'underline'],
  [/^<mark>(?<in>[^]*?)<\/mark>/, 'highlight'],
  [/^\*(?=[^\s*])(?<in>(?:[^*]|\*\*[^*]+\*\*)*?[^\s*])\*(?!\*)/, 'italic'],
  [/^_(?=[^\s_])(?<in>[^_]*?[^\s_])_(?![\p{L}\p{N}_])/u, 'italic'],
];
const CODE = /^(`+)(?!`)([^]*?[^`])\1(?!`)/;
const LINK = /^\[((?:[^[\]\\]|\\.|\[[^\]]*\])*)\]\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))*))(?:\s+"[^"]*")?\s*\)/;
const BARE = /^<((?:https?:\/\/|mailto:)[^\s<>]+)>/;
const ADDRESS = /^https?:\/\/[^\s<>()]+[^\s<>().,;:!?«»"'،؛؟]/;

export function readInline(text: string, marks: Marks = []): Json[] {
  const nodes: Json[] = [];
  let plain = '';
  const add = (...more: Json[]) => {
    if (plain) nodes.push(textOf(plain, marks));
    plain = '';
    nodes.push(...more);
  };
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const before = text[at - 1] ?? ' ';
    const found = readSpan(rest, before, marks);
    if (found) {
      add(...found.nodes);
      at += found.length;
    } else if (/^\\[!-/:-@[-`{-~]/.test(rest)) {
      plain += rest[1];
      at += 2;
    } else {
      plain += rest[0];
      at += 1;
    }
  }
  add();
  return nodes;
}

const textOf = (text: string, marks: Marks): Json => ({ type: 'text', text, ...(marks.length > 0 && { marks }) });

interface Found {
  nodes: Json[];
  length: number;
}

function readSpan(rest: string, before: string, marks: Marks): Found | null {
  const breaks = /^(?: {2,}|\\)\n|^<br ?\/?>/.exec(rest);
  if (breaks) return { nodes: [{ type: 'hardBreak' }], length: breaks[0].length };
  const code = CODE.exec(rest);
  if (code) return { nodes: [textOf((code[2] ?? '').replace(/^ (.*[^ ].*) $/, '$1'), [...marks, { type: 'code' }])], length: code[0].length };
  const [, mark] = /^(==|~~|\*|_|<|\[|h)/.exec(rest) ?? [];
  if (!mark) return null;
  return readLink(rest, before, marks) ?? readMark(rest, before, marks);
}

function readLink(rest: string, before: string, marks: Marks): Found | null {
  const link = LINK.exec(rest);
  if (link) {
    const href = (link[2] ?? link[3] ?? '').replace(/\\(.)/g, '$1');
    return { nodes: readInline(link[1] ?? '', isLink(href) ? [...marks, { type: 'link', attrs: { href } }] : marks), length: link[0].length };
  }
  const bare = BARE.exec(rest) ?? (/[\s(«]/.test(before) ? ADDRESS.exec(rest) : null);
  const href = bare?.[1] ?? bare?.[0];
  return bare && isLink(href) ? { nodes: [textOf(href, [...marks, { type: 'link', attrs: { href } }])], length: bare[0].length } : null;
}

function readMark(rest: string, before: string, marks: Marks): Found | null {
  for (const [pattern, type] of SPANS) {
    const match = pattern.exec(rest);
    // Signs inside of words, as in snake_case, mean themselves.
    if (!match || (rest[0] === '_' && /[\p{L}\p{N}]/u.test(before))) continue;
    return { nodes: readInline(match.groups?.in ?? '', [...marks, { type }]), length: match[0].length };
  }
  return null;
}
