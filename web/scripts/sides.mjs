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
const folders = ['../room', '../../crates/dabir-room/page'];

for (const folder of folders) {
  const base = new URL(`${folder}/`, import.meta.url);
  const files = readdirSync(base, { recursive: true }).filter((name) => /\.(css|ts|html)$/.test(name));
  for (const name of files) {
    readFileSync(new URL(name, base), 'utf8').split('\n').forEach((line, i) => {
      if (!PHYSICAL.some((pattern) => pattern.test(line))) return;
      console.error(`${name}:${i + 1}: a physical side: ${line.trim()}`);
      process.exitCode = 1;
    });
  }
}
