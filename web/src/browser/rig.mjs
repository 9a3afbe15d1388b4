// What the console's browser tests stand on: `dabir serve` on a folder of its own, the built console before it as the
// server will send it, and Chromium.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { launch } from '../../room/browser/rig.mjs';
import { dress, POLICY, TYPES } from './page.mjs';

const DABIR = process.env.DABIR ?? new URL('../../../target/debug/dabir', import.meta.url).pathname;
const DIST = new URL('../../dist/console/', import.meta.url);

/** What the tests of a file share. */
export let dabir;
export let house;
export let browser;

/**
 * Opens all that before the tests of a file, and clears it away after them; `furnish` says for whom the console is,
 * `photos` what is in the folder of available clients, and `settings` what else the environment says.
 */
export function openHouse(furnish = () => undefined, photos = undefined, settings = {}) {
  before(async () => {
    dabir = await startDabir(photos, settings);
    browser = await launch();
    house = await startConsole(dabir, await furnish());
  });
  after(async () => {
    await browser?.close();
    house?.close();
    await dabir?.stop();
  });
}

/** Starts a server with nothing in it. */
async function startDabir(photos, settings) {
  if (!existsSync(DABIR)) throw new Error(`${DABIR} is missing; run \`cargo build\` first`);
  const folder = await mkdtemp(join(tmpdir(), 'dabir-console-'));
  const own = photos ? { DABIR_CLIENTS__AVAILABLE_DIR: join(folder, 'photos') } : {};
  for (const [name, bytes] of Object.entries(photos ?? {})) {
    await mkdir(dirname(join(folder, 'photos', name)), { recursive: true });
    await writeFile(join(folder, 'photos', name), bytes);
  }
  const run = (listen) =>
    spawn(DABIR, ['--data-dir', join(folder, 'data'), 'serve', '--stop-rooms'], {
      env: { PATH: process.env.PATH, DABIR_SERVER__LISTEN: listen, DABIR_LOG__LEVEL: 'warn', DABIR_EGRESS__PRIVATE: '["127.0.0.1"]', NO_COLOR: '1', ...own, ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  let child = run('127.0.0.1:0');
  const url = await readyAt(child);
  const token = (await readFile(join(folder, 'data/secrets/admin.token'), 'utf8')).trim();
  const isUp = () => child.exitCode === null && child.signalCode === null;
  const kill = async (signal) => {
    if (!isUp()) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  /** Starts what was killed, in the same place. */
  const revive = async () => {
    if (isUp()) return;
    child = run(new URL(url).host);
    await readyAt(child);
  };
  const stop = async () => {
    await kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  const api = (method, path, body) => call(url, token, method, path, body);
  const data = join(folder, 'data');
  return { url, token, data, database: join(data, 'dabir.db'), photos: join(folder, 'photos'), stop, kill, revive, api, runningMeeting: (name) => runningMeeting(api, name), addPerson: (...person) => addPerson(api, ...person) };
}

/** Makes an account that can sign in at once; its language is that of `visit` where nothing else is said. */
async function addPerson(api, name, role, box = name.toLowerCase()) {
  const credentials = { email: `${box}@example.org`, password: 'a long enough password' };
  const { id } = await api('POST', '/users', { ...credentials, name, role, language: 'en' });
  return { id, name, role, credentials };
}

/** Signs somebody in without a form, where the console is but is not shown yet. */
export async function signIn(page, { url }, { credentials }) {
  await page.goto(`${url}/ready`);
  await page.evaluate(async (body) => {
    const answer = await fetch('/api/v1/auth/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }, credentials);
}

/** Makes a meeting that begins now, and waits until its room runs. */
async function runningMeeting(api, name) {
  const { id } = await api('POST', '/meetings', { name });
  for (;;) {
    const meeting = await api('GET', `/meetings/${id}`);
    if (meeting.state === 'running') return meeting;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function readyAt(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = / is ready at (http:\/\/\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('dabir ended before it was ready');
}

async function call(url, token, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

/**
 * The console before that server, with its page filled in and the strict policy on it. Calls are the administrator's,
 * or, `byCookie`, those of whoever signed in.
 */
export async function startConsole(dabir, { user = { name: 'admin', role: 'admin' }, byCookie = false } = {}) {
  const template = await readFile(new URL('index.html', DIST), 'utf8');
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://console');
    if (/^\/(api|rooms|ready|docs)\b/.test(pathname)) return proxy(dabir, byCookie ? {} : { authorization: `Bearer ${dabir.token}` }, request, response);
    if (pathname.startsWith('/assets/')) return sendFile(pathname, response);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
    return response.end(fill(template, request, user));
  });
  const lines = new Set();
  server.on('upgrade', (request, socket, first) => carry(dabir, byCookie ? {} : { authorization: `Bearer ${dabir.token}` }, request, socket, first, lines));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => (lines.forEach((line) => line.destroy()), server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, cut: () => server.closeAllConnections(), close };
}

function fill(template, request, user) {
  const page = dress(template, request, request.headers['accept-language']?.startsWith('fa') ? 'fa' : 'en');
  const boot = JSON.stringify({ user }).replaceAll('<', '\\u003c');
  return page.replace('<!--dabir:boot-->', `<script type="application/json" id="boot">${boot}</script>`);
}

async function sendFile(pathname, response) {
  const type = TYPES[extname(pathname)] ?? 'application/octet-stream';
  const read = (suffix) => readFile(new URL(`.${pathname}${suffix}`, DIST)).catch(() => null);
  const zipped = await read('.gz');
  const body = zipped ?? (await read(''));
  if (!body) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable', ...(zipped && { 'content-encoding': 'gzip' }) });
  return response.end(body);
}

/** Hands a request on with some more headers, and the answer back as it comes. */
function proxy(dabir, more, request, response) {
  const headers = { ...request.headers, ...more };
  const onward = http.request(new URL(request.url, dabir.onward ?? dabir.url), { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    // A stream of events may have nothing to say yet.
    response.flushHeaders();
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

/** Hands a WebSocket on; the server lets none in from another origin than its own. */
function carry(dabir, more, request, socket, first, lines) {
  const headers = { ...request.headers, ...more, origin: dabir.url };
  const onward = http.request(new URL(request.url, dabir.onward ?? dabir.url), { headers });
  const gone = () => socket.destroy();
  onward.on('error', gone);
  onward.on('response', ({ statusCode, statusMessage }) => socket.end(`HTTP/1.1 ${statusCode} ${statusMessage}\r\ncontent-length: 0\r\n\r\n`));
  onward.on('upgrade', ({ rawHeaders }, line, answered) => {
    const lead = rawHeaders.map((part, at) => (at % 2 ? `${part}\r\n` : `${part}: `)).join('');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lead}\r\n`);
    // Each side may have said something already.
    socket.write(answered);
    line.write(first);
    [socket, line].forEach((end) => lines.add(end));
    const end = () => [socket, line].forEach((one) => (one.destroy(), lines.delete(one)));
    [socket, line].forEach((one) => one.on('error', end).on('close', end));
    socket.pipe(line).pipe(socket);
  });
  onward.end();
}

/** Scrolls to the end, which moves away as more is read, until there are these words. */
export async function scrollDownTo(page, words) {
  const end = () => window.scrollTo(0, document.documentElement.scrollHeight);
  while (!(await page.getByText(words, { exact: true }).count())) await page.evaluate(end);
}

/**
 * Somebody before the console. `leave` fails when a page erred, broke its policy or asked another host; `expected` are
 * the troubles that belong to the story.
 */
export async function visit(browser, house, { lang = 'en', theme = 'light', width = 1280, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    hasTouch: width < 820,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  await context.addCookies([{ name: 'dabir_look', value: `lang=${lang}&theme=${theme}`, url: house.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('request', (request) => request.url().startsWith(house.url) || troubles.push(request.url()));
  const go = async (path) => {
    await page.goto(house.url + path);
    await page.waitForSelector('h1');
    await page.waitForSelector('[role=status] [data-tone=live]');
    await page.waitForFunction(() => !document.querySelector('[data-waiting]'));
  };
  const leave = async (expected = []) => {
    await context.close();
    const unexpected = troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)));
    if (unexpected.length) throw new Error(unexpected.join('\n'));
  };
  return { page, context, go, leave };
}

/** Somebody of the house, signed in before a console of their own that closes when they leave. */
export async function own(person, options) {
  const console = await startConsole(dabir, { user: person, byCookie: true });
  const visitor = await visit(browser, console, options);
  await signIn(visitor.page, console, person);
  const leave = async (expected) => {
    await visitor.leave(expected);
    console.close();
  };
  return { ...visitor, leave };
}
