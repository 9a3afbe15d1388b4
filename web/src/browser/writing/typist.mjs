// What the tests have in common in which two people type while everything around them fails, in an order that a seed
// decides. `DABIR_FAULTS` asks for more faults, `DABIR_SEED` for those of another time.

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
export const below = (n) => Math.floor(random() * n);
export const pick = (list) => list[below(list.length)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const MARKS = ['آغاز', 'Start'];
const SIGNS = [[...'ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی \u200c'], [...'abcdefghijklmnopqrstuvwxyz']];

/** Somebody with a paragraph of their own, which begins with their mark; whoever extends it says how one comes and leaves. */
export class Typist {
  page = null;
  typed = '';
  strayed = 0;

  constructor(order) {
    this.mark = MARKS[order];
    this.signs = SIGNS[order];
  }

  get paragraph() {
    return this.mark + this.typed;
  }

  /** Waits until one can type; the caret should be where it was. */
  async settle() {
    await this.page.locator('.ProseMirror[contenteditable=true]').waitFor();
    const isThere = () => this.page.evaluate(isAtEnd, this.mark);
    if (this.typed && (await isThere())) return;
    await pause(100);
    if (await isThere()) return;
    if (this.typed) this.strayed++;
    await this.goToEnd();
  }

  async goToEnd() {
    await this.page.evaluate((mark) => {
      const { state, commands } = document.querySelector('.ProseMirror').editor;
      state.doc.forEach((node, pos) => node.textContent.startsWith(mark) && commands.focus(pos + 1 + node.content.size));
    }, this.mark);
    // The editor takes the focus a frame later; a key before that would be nobody's.
    await this.page.waitForFunction(() => document.querySelector('.ProseMirror').editor.view.hasFocus());
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

  /** Once all is saved and the other one's words are here, what stands there. */
  async read(words) {
    await this.page.locator('[data-save=saved]').waitFor();
    await this.page.waitForFunction((words) => document.querySelector('.ProseMirror').editor.getText().includes(words), words, { timeout: 10_000 }).catch(() => undefined);
    return this.page.evaluate(() => document.querySelector('.ProseMirror').editor.getJSON());
  }

  /** How many changes the journal of this browser still keeps. */
  kept() {
    return this.page.evaluate(countKept);
  }
}

function isAtEnd(mark) {
  const { $from, empty } = document.querySelector('.ProseMirror').editor.state.selection;
  return empty && $from.parent.textContent.startsWith(mark) && $from.parentOffset === $from.parent.content.size && document.activeElement.matches('.ProseMirror');
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

/** The page ends without a word, as when the browser itself does. */
export async function crashTab({ context, page }) {
  const session = await context.newCDPSession(page);
  const gone = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => undefined);
  await gone;
  await page.close();
}

export const linesOf = ({ content = [] }) => content.map((block) => (block.content ?? []).map(({ text = '' }) => text).join(''));

/**
 * Lets faults happen while the two type; each gets one of them, and leaves a world in which one can type again, sooner
 * or later. Those `OfPages` happen right behind a key, all others between two. What it gives says how it was.
 */
export async function typeThrough(people, faults, repair, isOfPage) {
  await Promise.all(people.map((one) => one.type()));
  const began = Date.now();
  const counts = {};
  let done = 0;
  for (; done < FAULTS && Date.now() - began < LONG_MS; done++) {
    const kind = pick(Object.keys(faults));
    counts[kind] = (counts[kind] ?? 0) + 1;
    const one = pick(people);
    const typing = Promise.all(people.map((one) => one.type()));
    if (isOfPage(kind)) await typing;
    else await pause(below(30));
    await faults[kind](one);
    await typing;
    if (random() < 0.4) await repair();
  }
  await repair();
  const sum = (what) => people.reduce((sum, one) => sum + what(one), 0);
  const all = () => `${sum(({ typed }) => typed.length)} characters, 0 lost, caret elsewhere after ${sum(({ strayed }) => strayed)}, ${Math.round((Date.now() - began) / 1000)} s, ${JSON.stringify(counts)}`;
  return { said: `seed ${SEED}, ${done} faults`, all };
}
