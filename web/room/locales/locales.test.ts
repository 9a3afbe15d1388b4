import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { en } from './en';
import { fa } from './fa';
import pageEn from './page.en.json';
import pageFa from './page.fa.json';

const PERSIAN = /[\u0600-\u06FF]/;

it('both languages have the same words', () => {
  expect(Object.keys(fa)).toEqual(Object.keys(en));
  expect(Object.keys(fa.errors)).toEqual(Object.keys(en.errors));
  expect(Object.keys(pageFa)).toEqual(Object.keys(pageEn));
});

it('the template asks only for words that there are, and for all but those that the code asks for', () => {
  const template = readFileSync('../crates/dabir-room/page/page.html', 'utf8');
  const asked = new Set([...template.matchAll(/\{\{t\.(\w+)\}\}/g)].map(([, key]) => key));
  for (const key of asked) expect(pageFa).toHaveProperty(key as string);
  const code = readFileSync('../crates/dabir-room/src/page.rs', 'utf8');
  const idle = Object.keys(pageFa).filter((key) => !asked.has(key) && !code.includes(`"${key}"`));
  expect(idle).toEqual([]);
});

it('each language is written in its own script', () => {
  for (const [key, text] of Object.entries(pageFa)) expect(PERSIAN.test(text) || /^\{|English/.test(text), key).toBe(true);
  for (const [key, text] of Object.entries(pageEn)) expect(PERSIAN.test(text) && key !== 'other_language', key).toBe(false);
});

it('the same places are filled in both languages', () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [key, text] of Object.entries(pageFa)) expect(places(text), key).toEqual(places(pageEn[key as keyof typeof pageEn]));
});

it('every part that the script looks for is in the template', () => {
  const template = readFileSync('../crates/dabir-room/page/page.html', 'utf8');
  const sources = readdirSync('room', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const ids = sources.flatMap((name) => [...readFileSync(`room/${name}`, 'utf8').matchAll(/\$(?:<\w+>)?\('([\w-]+)'\)/g)].map(([, id]) => id));
  expect(ids.length).toBeGreaterThan(30);
  for (const id of ids) expect(template, id).toContain(`id="${id}"`);
});
