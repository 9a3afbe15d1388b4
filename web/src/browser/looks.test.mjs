// Everybody can use every page: axe finds nothing, nothing leaves the origin, nothing breaks the policy, nothing scrolls sideways.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { launch, startConsole, startDabir, visit } from './rig.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PAGES = ['/', '/meetings', '/meetings?view=timeline', 'meeting', '/ports?port=4000', '/nowhere', '/meetings/nothing'];

let dabir;
let house;
let browser;
let meeting;
before(async () => {
  dabir = await startDabir();
  house = await startConsole(dabir);
  browser = await launch();
  meeting = await dabir.runningMeeting('شورای آموزشی پردیس Shahid Rajaee');
  await dabir.api('POST', '/meetings', { name: 'Rust workshop with a title that is longer than any phone is wide', date_time: '2099-01-01T10:00:00Z' });
  await dabir.api('POST', '/port/pick', { owner: 'ingest worker', ttl: '1h' });
});
after(async () => {
  await browser?.close();
  house?.close();
  await dabir?.stop();
});

for (const lang of ['fa', 'en']) {
  for (const theme of ['light', 'dark']) {
    for (const width of [360, 1280]) describe(`${lang}, ${theme}, ${width} px`, () => looks(lang, theme, width));
  }
}

function looks(lang, theme, width) {
  for (const path of PAGES) {
    it(path, async () => {
      const person = await visit(browser, house, { lang, theme, width });
      await person.go(path === 'meeting' ? `/meetings/${meeting.id}` : path);
      await sound(person.page);
      await person.leave(path === '/meetings/nothing' ? [/404/] : []);
    });
  }

  it('what lies over the pages', async () => {
    const { page, go, leave } = await visit(browser, house, { lang, theme, width });
    for (const open of [() => page.keyboard.press('Control+k'), () => page.locator('header').first().getByRole('button').last().click()]) {
      await go('/');
      await open();
      await sound(page, '[role=dialog]');
    }
    await go('/ports?new=meeting');
    await page.getByRole('radio').nth(1).click();
    await sound(page, '[role=dialog]');
    await leave();
  });
}

/** With a box open, all else is inert, and only the box is looked at. */
async function sound(page, part = 'html') {
  await page.waitForSelector(part);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    ([part, tags]) => globalThis.axe.run(part, { runOnly: tags }),
    [part, part === 'html' ? TAGS : TAGS.slice(0, -1)],
  );
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), 'it scrolls sideways');
}
