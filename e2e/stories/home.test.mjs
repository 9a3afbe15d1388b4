// The owner comes in by a link, makes a meeting, enters and ends it, all without a script; and whoever
// only looks at the link, as chat programs do, takes nothing away.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser, newPerson } from '../lib/browser.mjs';
import { Dabir } from '../lib/dabir.mjs';
import { axeProblems, screenshot } from '../lib/look.mjs';
import { until } from '../lib/until.mjs';

const WORDS = {
  fa: { signIn: 'ورود', name: 'نام جلسه', make: 'ساختن و آغاز کردن', enter: 'ورود به جلسه', end: 'پایان دادن', ended: 'پایان‌یافته', meeting: 'جلسهٔ شورا', spent: /پیش‌تر به کار رفته/, wrongName: /این نام پذیرفته نشد/, stale: /دیگر آن نیست/ },
  en: { signIn: 'Sign in', name: 'Name', make: 'Make and start', enter: 'Enter', end: 'End', ended: 'Ended', meeting: 'Council', spent: /used already/, wrongName: /name was not accepted/, stale: /no longer as the page showed/ },
};
const LOOKS = ['light', 'dark'].flatMap((colorScheme) =>
  [360, 1280].map((width) => ({ colorScheme, viewport: { width, height: 800 } })),
);

let dabir;
let browser;

before(async () => {
  dabir = await Dabir.start();
  browser = await launchBrowser();
  await makeOwner();
});

after(async () => {
  await browser?.close();
  await dabir?.stop();
});

/** The house has its first admin, so that later links only sign in. */
async function makeOwner() {
  const key = new URL(await newLink()).pathname.split('/').pop();
  const owner = { key, name: 'Maryam', email: 'maryam@example.org', password: 'seven quiet rivers', language: 'fa' };
  await dabir.api('POST', '/auth/accept', owner);
}

const newLink = async () => (await dabir.api('POST', '/auth/links')).url;

/** A picture of the page, which must be accessible and no wider than its window. */
async function examine(page, name, { colorScheme, viewport }) {
  await screenshot(page, `${name}-${colorScheme}-${viewport.width}`);
  assert.deepEqual(await axeProblems(page), [], name);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= viewport.width, `${name} is ${width} px wide`);
}

for (const lang of ['fa', 'en']) {
  const words = WORDS[lang];
  for (const look of LOOKS) {
    const shown = (name) => `home-${name}-${lang}`;
    test(`the owner comes in and runs a meeting (${lang}, ${look.colorScheme}, ${look.viewport.width} px)`, async () => {
      const link = await newLink();
      for (const method of ['HEAD', 'GET']) assert.equal((await fetch(link, { method })).status, 200);

      const { context, page, strays } = await newPerson(browser, { lang, origins: [dabir.url], ...look });
      const button = (name) => page.getByRole('button', { name, exact: true });
      await page.goto(link);
      await examine(page, shown('sign-in'), look);
      await button(words.signIn).click();
      const input = page.getByLabel(words.name, { exact: true });
      await input.waitFor();

      await input.fill('   ');
      await button(words.make).click();
      await page.getByRole('heading', { name: words.wrongName }).waitFor();
      await examine(page, shown('failure'), look);
      await page.goto(dabir.url);
      await input.fill(words.meeting);
      await button(words.make).click();

      const live = await until('the room runs', async () => {
        const { items } = await dabir.api('GET', '/meetings?state=running');
        return items.length > 0 && items[0];
      });
      await page.reload();
      await examine(page, shown('overview'), look);
      const [enter, end] = await Promise.all([words.enter, words.end].map((name) => button(name).boundingBox()));
      assert.equal(enter.y, end.y, 'the two buttons stand side by side');

      await dabir.api('POST', `/meetings/${live.id}/stop`);
      await button(words.end).click();
      await page.getByRole('heading', { name: words.stale }).waitFor();
      await page.goto(dabir.url);
      await until('the page shows its end', async () => {
        await page.reload();
        return page.getByText(words.ended, { exact: true }).first().isVisible();
      });

      await page.goto(link);
      await page.getByRole('heading', { name: words.spent }).waitFor();
      await page.getByText('dabir admin link', { exact: true }).waitFor();
      await examine(page, shown('spent'), look);
      await context.clearCookies();
      await page.goto(dabir.url);
      await examine(page, shown('stranger'), look);
      assert.deepEqual(strays, []);
    });
  }

  test(`nothing of it needs a script, and entering is one click (${lang})`, async () => {
    const { page } = await newPerson(browser, { lang, origins: [dabir.url], javaScriptEnabled: false });
    const button = (name) => page.getByRole('button', { name, exact: true });
    await page.goto(await newLink());
    await button(words.signIn).click();
    await dabir.runningMeeting(words.meeting);
    await page.reload();
    await button(words.enter).click();
    await page.waitForURL(/\/rooms\/[a-z0-9]+\/\?lang=/);
    assert.equal(await page.getAttribute('html', 'lang'), lang);
    await page.goto(dabir.url);
    await button(words.end).click();
    await page.getByText(words.ended, { exact: true }).first().waitFor();
  });
}
