// Writes a .gz beside each text file of the build; the room serves these as they are.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = new URL('../dist/room/', import.meta.url);

for (const name of readdirSync(folder).filter((name) => /\.(js|css|svg)$/.test(name))) {
  writeFileSync(new URL(`${name}.gz`, folder), gzipSync(readFileSync(new URL(name, folder)), { level: 9 }));
}
