// The page that shows the editor alone, built as the console is and served with its policy beside the relay.

import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { dress, POLICY, TYPES } from '../page.mjs';
import { startRelay } from './relay.mjs';

const WEB = new URL('../../../', import.meta.url);
export const ENTRY = 'src/browser/writing/stage/index.html';
const PICTURE = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="240"><rect width="640" height="240" fill="#0b6e69"/><circle cx="320" cy="120" r="80" fill="#f7f5f0"/></svg>',
);

/** A folder with the page: the one that `DABIR_STAGE` names, where it was built before, or a new one until `clear`. */
export async function builtStage() {
  const { DABIR_STAGE: before } = process.env;
  if (before) return { folder: before, clear: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'dabir-stage-'));
  const clear = () => rm(folder, { recursive: true, force: true });
  try {
    await buildStage(folder);
  } catch (error) {
    await clear();
    throw error;
  }
  return { folder, clear };
}

async function buildStage(folder) {
  const root = fileURLToPath(WEB);
  await build({
    root,
    configFile: `${root}vite.console.config.ts`,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: `${root}${ENTRY}` } },
  });
}

/** Serves the page of that folder; its look is in the cookie, as for the console. */
export async function openStage(folder, options) {
  const template = await readFile(join(folder, ENTRY), 'utf8');
  const server = http.createServer((request, response) => void answer(folder, template, request, response));
  const relay = await startRelay({ server, ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => (relay.close(), server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, relay, close };
}

async function answer(folder, template, request, response) {
  const { pathname } = new URL(request.url, 'http://stage');
  if (pathname.startsWith('/assets/')) {
    const body = await readFile(join(folder, pathname)).catch(() => null);
    return body ? response.writeHead(200, { 'content-type': TYPES[extname(pathname)] ?? 'text/plain', 'cache-control': 'max-age=31536000, immutable' }).end(body) : response.writeHead(404).end();
  }
  if (pathname.startsWith('/api/')) return response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(PICTURE);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
  return response.end(dress(template, request, 'fa'));
}
