// Everybody can use the page: axe finds nothing, nothing leaves the origin, nothing scrolls sideways.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { violations } from './axe.mjs';
import { browser, join, openRoom, room, say } from './rig.mjs';

const PHASES = ['joining', 'soon', 'locked', 'members', 'full', 'ended', 'stopped', 'kicked', 'blocked', 'replaced', 'left', 'lost', 'badlink'];

openRoom('برنامه‌ریزی Sprint');

for (const lang of ['fa', 'en']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 1280]) describe(`${lang}, ${colorScheme}, ${width} px`, () => looks(lang, colorScheme, width));
  }
}

function looks(lang, colorScheme, width) {
  let page;
  const troubles = [];
  before(async () => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 760 }, hasTouch: width < 820, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    page.on('request', (request) => new URL(request.url()).origin === new URL(room.url).origin || troubles.push(request.url()));
  });
  after(() => page.context().close());

  it('the card, in each of its phases', async () => {
    await page.goto(`${room.url}?lang=${lang}`);
    await sound(page);
    for (const phase of width < 820 ? PHASES : []) {
      await page.locator('#card').evaluate((card, phase) => (card.dataset.phase = phase), phase);
      await sound(page);
    }
  });

  it('the room, in each of its parts and boxes', async () => {
    await page.goto('about:blank');
    await page.goto(`${room.url}?lang=${lang}`);
    await join(page, `مریم ${width}`);
    await say(page, 'سلام، see https://example.org/a?b=1');
    await page.waitForSelector('#messages .mine');
    for (const part of width < 820 ? ['people', 'polls', 'agenda', 'minutes', 'chat'] : []) {
      await page.click(`[data-show=${part}]`);
      await sound(page);
    }
    await sound(page);
    await page.click('#leave');
    await sound(page);
  });

  it('nothing failed and nothing was asked of other hosts', () => assert.deepEqual(troubles, []));
}

it('the boxes of a moderator', async () => {
  const page = await browser.newPage();
  await page.goto(`${room.url}?lang=fa${room.fragment}`);
  await page.waitForSelector('#room:not([hidden])');
  assert.equal(new URL(page.url()).hash, '');
  for (const button of ['#new-poll', '#edit-agenda', '#attendance']) {
    await page.click(button);
    await page.waitForSelector('dialog[open]');
    await sound(page);
    await page.keyboard.press('Escape');
  }
  await page.close();
});

it('the card makes sense without scripts', async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${room.url}?lang=fa`);
  assert.match(await page.innerText('#join'), /جاوااسکریپت/);
  assert.match(await page.innerText('#join'), /در جریان/);
  await page.close();
});

async function sound(page) {
  assert.deepEqual(await violations(page), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'it scrolls sideways');
}
