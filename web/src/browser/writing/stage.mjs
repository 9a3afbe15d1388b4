// The page that shows the editor alone, built as the console is and served with its policy beside the relay.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { startRelay } from './relay.mjs';

const WEB = new URL('../../../', import.meta.url);
export const ENTRY = 'src/browser/writing/stage/index.html';
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'";
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const PICTURE = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="240"><rect width="640" height="240" fill="#0b6e69"/><circle cx="320" cy="120" r="80" fill="#f7f5f0"/></svg>',
);

/** Builds the page into a folder. */
export async function buildStage(folder) {
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
  const look = new URLSearchParams(/dabir_look=([^;]*)/.exec(request.headers.cookie ?? '')?.[1]);
  const lang = look.get('lang') ?? 'fa';
  const html = `<html lang="${lang}" dir="${lang === 'fa' ? 'rtl' : 'ltr'}" data-theme="${look.get('theme') ?? 'auto'}">`;
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
  return response.end(template.replace(/<html [^>]*>/, html));
}
