// Two people type before the relay while everything around them fails: nothing that was typed is lost, and both see the
// same.

import assert from 'node:assert/strict';
import { below, crashTab, linesOf, MARKS, pick, Typist, typeThrough } from './typist.mjs';

/** Somebody with a browser that outlives its pages. */
class Guest extends Typist {
  constructor(browser, url, order) {
    super(order);
    Object.assign(this, { browser, url, id: `u${order + 1}` });
  }

  async come() {
    this.context ??= await this.browser.newContext();
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(30_000);
    await this.page.goto(`${this.url}/?${new URLSearchParams({ document: 'faults', user: this.id, name: this.id })}`);
    await this.page.locator('.ProseMirror[contenteditable=true]').waitFor();
  }
}

const faultsOf = (relay, repair) => {
  const comeBack = async (one) => {
    await repair();
    await one.come();
    await one.settle();
  };
  return {
    cut: () => relay.cut(),
    cutOne: () => pick(relay.sockets())?.terminate(),
    crash: () => relay.crash(),
    slow: () => void (relay.delay = () => below(400)),
    fast: () => void (relay.delay = () => below(20)),
    down: () => {
      relay.isDown = true;
      relay.crash();
    },
    signedOut: () => {
      relay.may = () => 'signed_out';
      relay.dismiss('signed_out');
    },
    restart: () => relay.dismiss('restart'),
    offline: (one) => one.context.setOffline(true),
    reload: async (one) => {
      const coming = one.page.reload();
      await repair();
      await coming;
      await one.settle();
    },
    closeTab: async (one) => {
      await one.page.close();
      await comeBack(one);
    },
    killTab: async (one) => {
      await crashTab(one);
      await comeBack(one);
    },
  };
};

/** The test, once the stage and the browser are there. */
export async function survive({ stage, browser }) {
  const { relay } = stage;
  const people = MARKS.map((_, order) => new Guest(browser, stage.url, order));
  const [first, second] = people;
  await first.come();
  await first.page.locator('.ProseMirror').click();
  await first.page.keyboard.type(MARKS[0]);
  await first.page.keyboard.press('Enter');
  await first.page.keyboard.type(MARKS[1]);
  await first.page.locator('[data-save=saved]').waitFor();
  await second.come();
  for (const one of people) await one.goToEnd();

  const repair = async () => {
    relay.isDown = false;
    relay.may = () => 'edit';
    for (const { context, page } of people) {
      await context.setOffline(false);
      if (!page.isClosed()) await page.evaluate(() => window.stage?.live?.retry()).catch(() => undefined);
    }
  };
  const { said, all } = await typeThrough(people, faultsOf(relay, repair), repair, (kind) => /reload|Tab/.test(kind));

  relay.delay = () => 0;
  const [mine, theirs] = [await first.read(second.paragraph), await second.read(first.paragraph)];
  assert.deepEqual(linesOf(mine), people.map(({ paragraph }) => paragraph), said);
  assert.deepEqual(mine, theirs, said);
  const xml = ({ page }) => page.evaluate(() => window.stage.live.doc.getXmlFragment('default').toString());
  assert.equal(await xml(first), await xml(second), said);
  assert.equal(relay.stored('faults').getXmlFragment('default').toString(), await xml(first), said);
  for (const one of people) assert.equal(await one.kept(), 0, `${said}: the journal keeps what the server has`);
  await Promise.all(people.map(({ context }) => context.close()));
  return `${said}, ${all()}`;
}
