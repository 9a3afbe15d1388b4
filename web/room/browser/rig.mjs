// What the browser tests stand on: the room's own executable, a line to it that can be cut, and Chromium.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

const ROOM = process.env.DABIR_ROOM ?? new URL('../../../target/debug/dabir-room', import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What the tests of a file share. */
export let room;
export let browser;

/** Opens a room of this name and a browser before the tests of a file, and closes them after it. */
export function openRoom(name) {
  before(async () => {
    room = await startRoom(name);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await room?.stop();
  });
}

/** Starts a room by hand; gives the address for its guests and the fragment that makes a moderator. */
async function startRoom(name) {
  if (!existsSync(ROOM)) throw new Error(`${ROOM} is missing; run \`cargo build -p dabir-room\` first`);
  const ends = new Date(Date.now() + 3_600_000).toISOString();
  const child = spawn(ROOM, ['0', '--name', name, '--ends-at', ends], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url, fragment] = /(http:\S+\/)(#token=\S+)/.exec(line) ?? [];
    if (url) return { url, fragment, stop: () => stop(child) };
  }
  throw new Error('the room ended before it said where it is');
}

async function stop(child) {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}

/** A line to `url` that hands everything through until it is cut, but for while it is held. */
export async function line(url) {
  const target = Number(new URL(url).port);
  const pairs = new Set();
  let isHeld = false;
  const server = net.createServer((near) => {
    const far = net.connect(target, '127.0.0.1');
    const pair = [near, far];
    pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => pairs.delete(pair) && to.destroy());
      if (isHeld) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => pairs.forEach((pair) => pair.forEach((socket) => socket.resetAndDestroy()));
  const hold = (held) => {
    isHeld = held;
    pairs.forEach((pair) => pair.forEach((socket) => (held ? socket.pause() : socket.resume())));
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, cut, hold, close: () => (cut(), server.close()) };
}

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
}

/** Comes in as a guest. */
export async function join(page, name) {
  await page.fill('#name', name);
  await page.click('#enter');
  await page.waitForSelector('#room:not([hidden])');
}

export async function say(page, text) {
  await page.fill('#message', text);
  await page.press('#message', 'Enter');
}
