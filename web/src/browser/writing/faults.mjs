// Two people type while everything around them fails, in an order that a seed decides: nothing that was typed is lost,
// and both see the same. `DABIR_FAULTS` asks for more of them, `DABIR_SEED` for those of another time.

import assert from 'node:assert/strict';

const ASKED = Number(process.env.DABIR_FAULTS ?? 0);
const FAULTS = ASKED || 60;
const SEED = Number(process.env.DABIR_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Without a number asked for, it ends when it has lasted long enough. */
const LONG_MS = ASKED ? Infinity : 55_000;

/** Numbers from 0 to 1, the same for a seed. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(SEED);
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Somebody with a paragraph of their own, and a browser that outlives its pages. */
class Typist {
  typed = '';
  strayed = 0;

  constructor(browser, url, { id, mark, signs }) {
    Object.assign(this, { browser, url, id, mark, signs });
  }

  async come() {
    this.context ??= await this.browser.newContext();
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(30_000);
    await this.page.goto(`${this.url}/?${new URLSearchParams({ document: 'faults', user: this.id, name: this.id })}`);
    await this.settle();
  }

  /** Waits until one can type; the caret should be where it was. */
  async settle() {
    await this.page.locator('.ProseMirror[contenteditable=true]').waitFor();
    const isThere = () => this.page.evaluate(isAtEnd, this.mark);
    if (!this.typed || (await isThere())) return;
    await pause(100);
    if (await isThere()) return;
    this.strayed++;
    await goToEnd(this.page, this.mark);
  }

  async type() {
    const words = Array.from({ length: 1 + below(12) }, () => pick(this.signs)).join('');
    await this.page.keyboard.type(words);
    this.typed += words;
    for (let back = random() < 0.2 ? below(3) : 0; back > 0 && this.typed; back--) {
      await this.page.keyboard.press('Backspace');
      this.typed = this.typed.slice(0, -1);
    }
  }

  read() {
    return this.page.evaluate(() => ({ xml: window.stage.live.doc.getXmlFragment('default').toString(), lines: window.stage.text.getText({ blockSeparator: '\n' }).split('\n'), state: window.stage.live.state() }));
  }
}

function isAtEnd(mark) {
  const { $from, empty } = window.stage.text.state.selection;
  return empty && $from.parent.textContent.startsWith(mark) && $from.parentOffset === $from.parent.content.size && document.activeElement.matches('.ProseMirror');
}

async function goToEnd(page, mark) {
  await page.evaluate((mark) => {
    const { state, commands } = window.stage.text;
    state.doc.forEach((node, pos) => node.textContent.startsWith(mark) && commands.focus(pos + 1 + node.content.size));
  }, mark);
  // The editor takes the focus a frame later; a key before that would be nobody's.
  await page.waitForFunction(() => window.stage.text.view.hasFocus());
}

/** Each gets the relay and one of the two; it leaves a world in which one can type again, sooner or later. */
const KINDS = {
  cut: ({ relay }) => relay.cut(),
  cutOne: ({ relay }) => pick(relay.sockets())?.terminate(),
  crash: ({ relay }) => relay.crash(),
  slow: ({ relay }) => void (relay.delay = () => below(400)),
  fast: ({ relay }) => void (relay.delay = () => below(20)),
  down: ({ relay }) => {
    relay.isDown = true;
    relay.crash();
  },
  signedOut: ({ relay }) => {
    relay.may = () => 'signed_out';
    relay.dismiss('signed_out');
  },
  restart: ({ relay }) => relay.dismiss('restart'),
  offline: ({ one }) => one.context.setOffline(true),
  reload: async ({ one, repair }) => {
    const coming = one.page.reload();
    await repair();
    await coming;
    await one.settle();
  },
  closeTab: async ({ one, repair }) => {
    await one.page.close();
    await repair();
    await one.come();
  },
  killTab: async ({ one, repair }) => {
    const session = await one.context.newCDPSession(one.page);
    const gone = one.page.waitForEvent('crash');
    session.send('Page.crash').catch(() => undefined);
    await gone;
    await one.page.close();
    await repair();
    await one.come();
  },
};

/** The test; `where` gives the stage and the browser once they are there. */
export async function survive({ stage, browser }) {
  const { relay } = stage;
  const people = [
    new Typist(browser, stage.url, { id: 'u1', mark: 'آغاز', signs: [...'ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی \u200c'] }),
    new Typist(browser, stage.url, { id: 'u2', mark: 'Start', signs: [...'abcdefghijklmnopqrstuvwxyz'] }),
  ];
  const [first, second] = people;
  await first.come();
  await first.page.locator('.ProseMirror').click();
  await first.page.keyboard.type('آغاز');
  await first.page.keyboard.press('Enter');
  await first.page.keyboard.type('Start');
  await first.page.locator('[data-save=saved]').waitFor();
  await second.come();
  for (const { page, mark } of people) await goToEnd(page, mark);
  await Promise.all(people.map((one) => one.type()));

  const repair = async () => {
    relay.isDown = false;
    relay.may = () => 'edit';
    for (const { context, page } of people) {
      await context.setOffline(false);
      if (!page.isClosed()) await page.evaluate(() => window.stage?.live?.retry()).catch(() => undefined);
    }
  };

  const began = Date.now();
  const counts = {};
  let faults = 0;
  for (; faults < FAULTS && Date.now() - began < LONG_MS; faults++) {
    const kind = pick(Object.keys(KINDS));
    counts[kind] = (counts[kind] ?? 0) + 1;
    const one = pick(people);
    const isOfPage = /reload|Tab/.test(kind);
    const typing = Promise.all(people.map((one) => one.type()));
    // What happens to a page happens right behind a key, all else between two.
    if (isOfPage) await typing;
    else await pause(below(30));
    await KINDS[kind]({ relay, one, repair });
    await typing;
    if (random() < 0.4) await repair();
  }

  await repair();
  relay.delay = () => 0;
  const said = `seed ${SEED}, ${faults} faults`;
  for (const { page } of people) {
    await page.evaluate(() => window.stage.live.retry());
    await page.locator('[data-save=saved]').waitFor();
  }
  await second.page.waitForFunction((words) => window.stage.text.getText().includes(words), first.mark + first.typed, { timeout: 10_000 }).catch(() => undefined);
  await first.page.waitForFunction((words) => window.stage.text.getText().includes(words), second.mark + second.typed, { timeout: 10_000 }).catch(() => undefined);
  const [mine, theirs] = [await first.read(), await second.read()];
  assert.deepEqual(mine.lines, people.map(({ mark, typed }) => mark + typed), said);
  assert.equal(mine.xml, theirs.xml, said);
  assert.equal(relay.stored('faults').getXmlFragment('default').toString(), mine.xml, said);
  for (const { page } of people) assert.equal(await page.evaluate(countKept), 0, `${said}: the journal keeps what the server has`);
  const characters = people.reduce((sum, { typed }) => sum + typed.length, 0);
  const strayed = people.reduce((sum, { strayed }) => sum + strayed, 0);
  await Promise.all(people.map(({ context }) => context.close()));
  return `${said}, ${characters} characters, 0 lost, caret elsewhere after ${strayed}, ${JSON.stringify(counts)}`;
}

function countKept() {
  return new Promise((resolve) => {
    const request = indexedDB.open('dabir-writing');
    request.onsuccess = () => {
      const count = request.result.transaction('changes').objectStore('changes').count();
      count.onsuccess = () => (request.result.close(), resolve(count.result));
    };
  });
}
