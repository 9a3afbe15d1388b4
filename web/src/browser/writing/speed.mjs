// How long a key takes to be seen in a document of fifty pages: `node src/browser/writing/speed.mjs` prints the figures.
// With a number in `DABIR_SLOWER` the processor is slowed down by it.

import { launch } from '../../../room/browser/rig.mjs';
import { builtStage, openStage } from './stage.mjs';

const WORDS = 25_000;
const KEYS = 200;
const SENTENCE = 'در این نشست گزارش کارگروه‌ها خوانده شد و می‌توان گفت که بیشتر برنامه‌ها با Rust به‌خوبی پیش می‌روند و سال ۱۴۰۵ پایان می‌یابد.';

/** Fifty pages of paragraphs with headings, lists, checklists, quotes and tables among them. */
function pages() {
  const blocks = [];
  for (let words = 0, n = 0; words < WORDS; n++) {
    const paragraph = Array.from({ length: 4 }, () => SENTENCE).join(' ');
    words += paragraph.split(/\s+/).length;
    blocks.push(paragraph);
    if (n % 6 === 0) blocks.push(`## بخش ${n}`);
    if (n % 5 === 0) blocks.push(`- ${SENTENCE}\n- Second item in English\n- سوم`);
    if (n % 11 === 0) blocks.push('- [ ] کار\n- [x] انجام شد');
    if (n % 9 === 0) blocks.push(`| نام | شمار | شرح |\n|---|---|---|\n${Array.from({ length: 5 }, (_, i) => `| ردیف ${i} | ۱۲ | **مهم** و کوتاه |`).join('\n')}`);
  }
  return blocks.join('\n\n');
}

/** Marks each key when it comes and when what it did has been painted. */
function watchKeys() {
  window.keys = [];
  addEventListener(
    'keydown',
    (event) => {
      // The time of the event itself: what came before it could be handled counts as well.
      const began = event.timeStamp;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.keys.push(performance.now() - began);
        port2.postMessage(0);
      });
    },
    true,
  );
}

const rank = (times, share) => [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))];

function say(what, times) {
  const [middle, most, worst] = [0.5, 0.95, 1].map((share) => rank(times, share).toFixed(1));
  console.log(`${what.padEnd(44)} p50 ${middle} ms, p95 ${most} ms, worst ${worst} ms, ${times.length} keys`);
}

/** As a fast typist: eleven keys a second, not in step with the screen. */
const typed = (i) => new Promise((resolve) => setTimeout(resolve, 60 + ((i * 37) % 60)));
/** One key as soon as the one before has arrived. */
const atOnce = async () => undefined;

async function measure(what, page, letters, pause = typed) {
  await page.evaluate(() => void (window.keys = []));
  for (let i = 0; i < KEYS; i++) {
    await page.keyboard.press(letters[i % letters.length]);
    await pause(i);
  }
  say(what, await page.evaluate(() => window.keys));
}

async function run(stage, browser) {
  const open = async (user) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(`${stage.url}/?document=long&user=${user}&name=${user}`);
    await page.locator('.ProseMirror[contenteditable=true]').waitFor();
    return page;
  };
  const page = await open('u1');
  await page.locator('.ProseMirror').click();
  const pasted = await page.evaluate((text) => {
    const began = performance.now();
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.querySelector('.ProseMirror').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    return performance.now() - began;
  }, pages());
  await page.locator('[data-save=saved]').waitFor();
  const { blocks, words } = await page.evaluate(() => ({ blocks: window.stage.text.state.doc.childCount, words: window.stage.text.getText().split(/\s+/).length }));
  console.log(`${words} words in ${blocks} blocks, pasted in ${pasted.toFixed(0)} ms`);
  const opening = Date.now();
  await page.reload();
  await page.locator('.ProseMirror table').first().waitFor();
  console.log(`opened in ${Date.now() - opening} ms`);
  await page.evaluate(watchKeys);
  if (process.env.DABIR_SLOWER) await (await page.context().newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: Number(process.env.DABIR_SLOWER) });
  const goTo = (share) =>
    page.evaluate((share) => {
      const { state, commands } = window.stage.text;
      let at = 0;
      state.doc.forEach((node, pos) => {
        if (node.type.name === 'paragraph' && pos <= state.doc.content.size * share) at = pos + 1 + Math.floor(node.content.size / 2);
      });
      commands.focus(at);
    }, share);
  for (const [what, share] of [['at the beginning', 0.01], ['in the middle', 0.5], ['at the end', 1]]) {
    await goTo(share);
    await measure(`typing ${what}`, page, ['a', 's', 'd', 'Space']);
  }
  await page.evaluate(() => {
    const { state, commands } = window.stage.text;
    let at = 0;
    state.doc.descendants((node, pos) => void (node.type.name === 'tableCell' && pos < state.doc.content.size / 2 && (at = pos + 2)));
    commands.focus(at);
  });
  await measure('typing in a table', page, ['a', 's', 'd', 'Space']);
  await goTo(0.5);
  await measure('new lines and back', page, ['Enter', 'a', 'Backspace', 'Backspace']);
  await measure('typing without a pause', page, ['a', 's', 'd', 'Space'], atOnce);
  const other = await open('u2');
  await other.locator('.ProseMirror').click();
  await goTo(0.5);
  let isDone = false;
  const typing = (async () => {
    while (!isDone) {
      await other.keyboard.press('x');
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  })();
  await measure('typing while somebody else types', page, ['a', 's', 'd', 'Space']);
  isDone = true;
  await typing;
}

const { folder, clear } = await builtStage();
const stage = await openStage(folder);
const browser = await launch();
try {
  await run(stage, browser);
} finally {
  await browser.close();
  stage.close();
  await clear();
}
