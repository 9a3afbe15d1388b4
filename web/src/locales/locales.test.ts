import { readFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

interface Message {
  id: string;
  text: string;
}

const read = (path: string): Message[] =>
  readFileSync(path, 'utf8')
    .split('\n\n')
    .slice(1)
    .map((block) => ({ id: field(block, 'msgctxt') + field(block, 'msgid'), text: field(block, 'msgstr') }));

function field(block: string, name: string): string {
  const lines = new RegExp(`^${name} ((?:"(?:[^"\\\\]|\\\\.)*"\\n?)+)`, 'm').exec(block)?.[1] ?? '';
  return [...lines.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join('');
}

/** Names and tags that a message fills in, such as {name}, {0} and <0>. */
const slots = (text: string) => [...new Set(text.match(/\{\w+(?=[,}])|<\/?\d+\/?>/g))].sort();

const CATALOGS = ['', 'system/', 'write/'];

describe.each(CATALOGS)('Persian in %s', (catalog) => {
  const persian = read(`src/locales/${catalog}fa.po`);

  it('has every message', () => {
    expect(persian.length).toBeGreaterThan(90);
    expect(persian.filter(({ text }) => !text).map(({ id }) => id)).toEqual([]);
  });

  it('fills in what English does', () => {
    expect(persian.filter(({ id, text }) => slots(id).join() !== slots(text).join()).map(({ id }) => id)).toEqual([]);
  });

  it('is written with Persian letters and marks', () => {
    const wrong = persian.filter(({ text }) => /[يكةى]|[\u0660-\u0669]|[؟،؛]\S*[?;]|ه‌ی /.test(text));
    expect(wrong.map(({ text }) => text)).toEqual([]);
  });

  it('has one word for one thing', () => {
    const others = persian.filter(({ id, text }) => /پردازه|جنگو|بستن راه/.test(text) || (/گرداننده/.test(text) && id !== 'moderator'));
    expect(others.map(({ text }) => text)).toEqual([]);
  });

  it('keeps addresses, ports and commands in Latin signs, isolated', () => {
    const apart = (text: string) => text.replace(/\u2066[^\u2066\u2069]*\u2069|<(\d+)>.*?<\/\1>/g, '').replace(/\{\w+|<\d+\/>/g, '');
    const wrong = persian.filter(({ text }) => /[`[\]]|\d|[A-Za-z][./:][/ A-Za-z]|\bdabir\b|[۰-۹]+[.٫][۰-۹]+[.٫]|[۰-۹]{4}/.test(apart(text)));
    expect(wrong.map(({ text }) => text)).toEqual([]);
  });
});

it('a message has the same words in all catalogs, which are one once they are loaded', () => {
  const words = new Map<string, string>();
  const persian = CATALOGS.flatMap((catalog) => read(`src/locales/${catalog}fa.po`));
  const differing = persian.filter(({ id, text }) => {
    const first = words.get(id) ?? text;
    words.set(id, first);
    return first !== text;
  });
  expect(differing).toEqual([]);
});

it('the catalogs hold the messages of the sources; `npm run messages` renews them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dabir-words-'));
  await promisify(execFile)('npx', ['lingui', 'extract', '--clean', '--config', 'lingui.config.ts'], {
    env: { ...process.env, DABIR_CATALOGS: folder },
  });
  const ids = (path: string) => read(path).map(({ id }) => id);
  for (const catalog of CATALOGS) {
    expect(ids(`src/locales/${catalog}en.po`)).toEqual(ids(join(folder, `${catalog}en.po`)));
    expect(ids(`src/locales/${catalog}fa.po`)).toEqual(ids(`src/locales/${catalog}en.po`));
  }
}, 60_000);
