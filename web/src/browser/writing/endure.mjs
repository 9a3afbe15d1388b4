// Two people type into one document of the real server while lines, tabs, sessions and the server itself fail: nothing
// that was typed is lost, both see the same, and so does the API.

import assert from 'node:assert/strict';
import { line } from '../../../room/browser/rig.mjs';
import { signIn, startConsole } from '../rig.mjs';
import { crashTab, linesOf, MARKS, Typist, typeThrough } from './typist.mjs';

/** Somebody with an account, a browser that outlives its pages, and a line to the server that can be cut. */
class Writer extends Typist {
  isOut = false;

  constructor(order, person, document) {
    super(order);
    Object.assign(this, { person, document });
  }

  async start(dabir, browser) {
    this.wire = await line(dabir.url);
    this.house = await startConsole({ ...dabir, onward: this.wire.url }, { user: this.person, byCookie: true });
    this.context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await this.signIn();
    await this.come();
  }

  /** In a tab beside. */
  async signIn() {
    const tab = await this.context.newPage();
    await signIn(tab, this.house, this.person);
    await tab.close();
    this.isOut = false;
  }

  async come() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(30_000);
    await this.page.goto(`${this.house.url}/documents/${this.document}`);
    await this.settle();
  }

  /** All is as it should be again. */
  async mend() {
    this.wire.hold(false);
    await this.context.setOffline(false);
    const wasOut = this.isOut;
    if (wasOut) await this.signIn();
    if (this.page.isClosed()) return;
    const goOn = this.page.getByRole('button', { name: 'Go on' });
    if (wasOut && (await goOn.count())) await goOn.click();
    // As when one comes back to the page.
    else await this.page.evaluate(() => dispatchEvent(new Event('online')));
    await this.settle();
  }

  async leave() {
    await this.context.close();
    this.house.close();
    this.wire.close();
  }
}

const faultsOf = (dabir, people, repair) => {
  /** Back on the same page, or on another one; whoever was signed out signs in on the way. */
  const comeBack = async (one) => {
    await repair();
    await one.come();
  };
  return {
    cut: () => people.forEach((one) => one.wire.cut()),
    cutOne: (one) => one.wire.cut(),
    hold: (one) => one.wire.hold(true),
    offline: (one) => one.context.setOffline(true),
    restart: async () => {
      await dabir.kill('SIGTERM');
      await dabir.revive();
    },
    crash: async () => {
      await dabir.kill('SIGKILL');
      await dabir.revive();
    },
    down: () => dabir.kill('SIGKILL'),
    signedOut: async (one) => {
      await dabir.revive();
      for (const { id } of (await dabir.api('GET', `/sessions?user=${one.person.id}`)).items) await dabir.api('DELETE', `/sessions/${id}`);
      one.isOut = true;
    },
    /** Access is too old, as after a night; the session is not. */
    expired: async (one) => {
      await one.context.clearCookies({ name: '__Host-dabir_at' });
      one.wire.cut();
    },
    /** The page comes, whatever the server does. */
    reload: async (one) => {
      await one.context.setOffline(false);
      await one.page.reload();
      await repair();
    },
    closeTab: async (one) => {
      await one.page.close();
      await comeBack(one);
    },
    killTab: async (one) => {
      await crashTab(one);
      await comeBack(one);
    },
    /** The old tab is left open for a while. */
    newTab: async (one) => {
      const { page } = one;
      await comeBack(one);
      await one.type();
      await page.close();
    },
  };
};

/** The test, for two people with accounts. */
export async function endure({ dabir, browser, persons }) {
  const made = await dabir.api('POST', '/documents', { title: 'Faults', text: MARKS.join('\n\n') });
  await dabir.api('PUT', `/documents/${made.id}/access`, { grants: persons.map(({ id }) => ({ grantee: `user:${id}`, right: 'edit' })) });
  const people = persons.map((person, order) => new Writer(order, person, made.id));
  const [first, second] = people;
  for (const one of people) await one.start(dabir, browser);

  const repair = async () => {
    await dabir.revive();
    for (const one of people) await one.mend();
  };
  const { said, all } = await typeThrough(people, faultsOf(dabir, people, repair), repair, (kind) => /reload|Tab/.test(kind));

  const [mine, theirs] = [await first.read(second.paragraph), await second.read(first.paragraph)];
  const lines = people.map(({ paragraph }) => paragraph);
  assert.deepEqual(linesOf(mine), lines, said);
  assert.deepEqual(linesOf(theirs), lines, said);
  assert.deepEqual(mine, theirs, said);
  const content = (format) => fetch(`${dabir.url}/api/v1/documents/${made.id}/content?format=${format}`, { headers: { authorization: `Bearer ${dabir.token}` } });
  assert.deepEqual(linesOf(await (await content('json')).json()), lines, said);
  assert.deepEqual((await (await content('text')).text()).split('\n').filter(Boolean), lines, said);
  for (const one of people) assert.equal(await one.kept(), 0, `${said}: the journal keeps what the server has`);
  await Promise.all(people.map((one) => one.leave()));
  return `${said}, ${all()}`;
}
