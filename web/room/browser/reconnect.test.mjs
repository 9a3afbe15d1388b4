// A line that is cut again and again loses no message, shows none twice, and keeps drafts.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, join, line, openRoom, room, say } from './rig.mjs';

const ROUNDS = 120;

openRoom('Reconnecting');

it('every message of both sides arrives once and in one order', async (t) => {
  const cable = await line(room.url);
  t.after(() => cable.close());
  const shaky = await enter(cable.url, 'Shaky');
  const steady = await enter(room.url, 'Steady');
  const sent = [];
  for (let round = 0; round < ROUNDS; round++) {
    const writer = round % 3 === 0 ? steady : shaky;
    sent.push(`message ${round}`);
    await say(writer, `message ${round}`);
    if (round % 4 === 1) cable.cut();
    if (round % 30 === 17) await reload(shaky, `draft ${round}`);
  }
  for (const page of [shaky, steady]) await page.waitForFunction((count) => document.querySelectorAll('#messages p').length >= count && !document.querySelector('#outbox li'), sent.length);
  const [seen, truth] = await Promise.all([shaky, steady].map((page) => page.locator('#messages p').allTextContents()));
  assert.deepEqual(seen, truth);
  assert.deepEqual([...seen].sort(), [...sent].sort());
});

it('a moderator comes back as one after a reload and a change of language', async () => {
  const page = await browser.newPage();
  await page.goto(`${room.url}?lang=en${room.fragment}`);
  await page.waitForSelector('body[data-role=moderator]');
  await page.reload();
  await page.waitForSelector('body[data-role=moderator]');
  await page.click('#room a.lang');
  await page.waitForSelector('html[lang=fa] body[data-role=moderator]');
  await page.context().close();
});

async function enter(url, name) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${url}?lang=en`);
  await join(page, name);
  return page;
}

async function reload(page, draft) {
  await page.fill('#message', draft);
  await page.reload();
  await page.waitForSelector('#room:not([hidden])');
  assert.equal(await page.inputValue('#message'), draft);
}
