// Fails on physical sides in styles, sources and templates: both reading directions share one design.

import { readdirSync, readFileSync } from 'node:fs';

const PHYSICAL = [
  /\b(margin|padding|border|inset|scroll-margin|scroll-padding)-(left|right)\b/,
  /(^|[\s;{])(left|right)\s*:/,
  /\b(text-align|float|clear)\s*:\s*(left|right)\b/,
  /\bborder-(top|bottom)-(left|right)-radius\b/,
  /\btranslateX\(/,
  /\.style\.(left|right|marginLeft|marginRight|paddingLeft|paddingRight)\b/,
  /\s(align|style)=/,
];
/** Tailwind's names for them. */
const CLASSES = /(?<![\w-])-?(m[lr]|p[lr]|scroll-[mp][lr]|left|right|border-[lr]|rounded-(?:[lr]|[tb][lr]))-[\w[(]|(?<![\w-])(text|float|clear)-(left|right)(?![\w-])/;

const places = [
  ['../room', PHYSICAL],
  ['../../crates/dabir-room/page', PHYSICAL],
  ['../../crates/dabir/src/join', PHYSICAL],
  ['../src', [...PHYSICAL.filter((pattern) => !pattern.source.includes('align|style')), CLASSES]],
];

for (const [folder, patterns] of places) {
  const base = new URL(`${folder}/`, import.meta.url);
  const files = readdirSync(base, { recursive: true }).filter((name) => /\.(css|tsx?|html)$/.test(name) && !name.endsWith('.gen.ts'));
  for (const name of files) {
    readFileSync(new URL(name, base), 'utf8').split('\n').forEach((line, i) => {
      if (!patterns.some((pattern) => pattern.test(line))) return;
      console.error(`${name}:${i + 1}: a physical side: ${line.trim()}`);
      process.exitCode = 1;
    });
  }
}
