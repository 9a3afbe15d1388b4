// What writers do with a document, in Chromium, against a relay that fails as one says.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { violations } from '../../room/browser/axe.mjs';
import { launch } from '../../room/browser/rig.mjs';
import { visit } from './rig.mjs';
import { survive } from './writing/faults.mjs';
import { builtStage, openStage } from './writing/stage.mjs';

const PICTURES = process.env.DABIR_PICTURES;

let stage;
let browser;
let built;

before(async () => {
  built = await builtStage();
  stage = await openStage(built.folder);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  stage?.close();
  await built?.clear();
});

let papers = 0;

/** Somebody before a document, a new one where none is named; `leave` fails when the page erred or broke its policy. */
async function write({ paper = `p${++papers}`, lang = 'fa', theme = 'light', width = 1280, dir = lang === 'fa' ? 'rtl' : 'ltr', user = 'u1', name = 'سارا', readOnly = false } = {}) {
  const { page, leave: part } = await visit(browser, stage, { lang, theme, width });
  await page.goto(`${stage.url}/?${new URLSearchParams({ document: paper, dir, user, name })}`);
  const text = page.locator('.ProseMirror');
  await text.waitFor();
  if (!readOnly) await page.locator('.ProseMirror[contenteditable=true]').waitFor();
  // A line that was cut is a part of many stories.
  const leave = () => part([/^WebSocket connection to /]);
  const type = (words) => page.keyboard.type(words);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const paste = (data) => page.evaluate(pasteData, data);
  return { page, text, paper, leave, type, press, paste };
}

function pasteData(data) {
  const clipboardData = new DataTransfer();
  for (const [kind, text] of Object.entries(data)) clipboardData.setData(kind, text);
  document.querySelector('.ProseMirror').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}

const json = (page) => page.evaluate(() => window.stage.text.getJSON());
const saved = (page) => page.locator('[data-save=saved]').waitFor();
const html = (page) => page.evaluate(() => document.querySelector('.ProseMirror').innerHTML);
/** Of each block that has one: its name and how it reads. */
const directions = (page) => page.evaluate(() => [...document.querySelectorAll('.ProseMirror [dir]:not(bdi, span)')].map((one) => `${one.localName} ${one.dir}`));

it('Markdown is formatted as it is typed, also with Persian numbers', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('## سرتیتر');
  await press('Enter');
  await type('**پررنگ** و `code` و ~~نه~~ ');
  await press('Enter');
  await type('۳. سوم');
  await press('Enter', 'Enter');
  await type('[ ] کار');
  await press('Enter', 'Enter');
  await type('> گفته');
  await press('Enter', 'Enter');
  await type('``` ');
  await type('# no heading');
  const { content } = await json(page);
  assert.deepEqual(content.map(({ type }) => type), ['heading', 'paragraph', 'orderedList', 'taskList', 'blockquote', 'codeBlock']);
  assert.equal(content[0].attrs.level, 2);
  assert.equal(content[2].attrs.start, 3);
  assert.deepEqual(content[1].content.flatMap(({ marks = [] }) => marks.map(({ type }) => type)), ['bold', 'code', 'strike']);
  assert.equal(content[5].content[0].text, '# no heading');
  await saved(page);
  await leave();
});

it('blocks read as their words do, empty ones as the document does, and turned ones as they were turned', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('Rust زبان خوبی است');
  await press('Enter');
  await type('English only.');
  await press('Enter');
  await type('- یکم');
  await press('Enter');
  await type('second');
  assert.deepEqual(await directions(page), ['p rtl', 'p ltr', 'ul rtl', 'p rtl', 'p ltr']);
  await press('Enter', 'Enter');
  assert.equal((await directions(page)).at(-1), 'p rtl');
  await press('Control+Shift+KeyX');
  assert.equal((await directions(page)).at(-1), 'p ltr');
  await type('سلام');
  assert.equal((await directions(page)).at(-1), 'p ltr');
  assert.equal((await json(page)).content.at(-1).attrs.dir, 'ltr');
  await saved(page);
  await page.reload();
  await text.waitFor();
  assert.equal((await directions(page)).at(-1), 'p ltr');
  const bullet = await page.evaluate(() => getComputedStyle(document.querySelector('.ProseMirror ul')).direction);
  assert.equal(bullet, 'rtl');
  await leave();
});

it('numbers of Persian lists are Persian', async () => {
  const { page, text, type, leave } = await write();
  await text.click();
  await type('1. یکم');
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.ProseMirror ol li')).listStyleType), 'persian');
  await leave();
});

it('what is pasted is put right in a step of its own, and code is left alone', async () => {
  const { page, text, paste, press, leave } = await write();
  await text.click();
  await paste({ 'text/plain': 'كتاب‌‌هاي علي ‌ گفت "سلام دنيا" و `كد`' });
  assert.equal(await text.innerText(), 'کتاب‌های علی  گفت «سلام دنیا» و كد');
  await press('Control+KeyZ');
  assert.equal(await text.innerText(), 'كتاب‌‌هاي علي ‌ گفت "سلام دنيا" و كد');
  await press('Control+KeyZ');
  assert.equal((await text.innerText()).trim(), '');
  await leave();
});

it('Markdown is pasted as what it means, and HTML without what does not belong here', async () => {
  const { page, text, paste, press, leave } = await write();
  await text.click();
  await paste({ 'text/plain': '# عنوان\n\n- [x] انجام شد\n- [ ] مانده\n\n| نام | سن |\n|---|---|\n| علی | ۲۰ |\n\n```js\nlet a = 1;\n```\n\n[پیوند](https://example.org/a_b)' });
  const { content } = await json(page);
  assert.deepEqual(content.map(({ type }) => type), ['heading', 'taskList', 'table', 'codeBlock', 'paragraph']);
  assert.deepEqual(content[1].content.map(({ attrs }) => attrs.checked), [true, false]);
  await press('Control+KeyA', 'Delete');
  await paste({ 'text/html': '<p onclick="x()"><b style="color:red">پررنگ</b> <a href="javascript:x()">بد</a> <a href="https://example.org">خوب</a><img src="https://tracker.example/x.png"><script>x()</script></p>' });
  assert.match(await html(page), /<p[^>]*><strong>پررنگ/);
  assert.match(await html(page), /<strong>پررنگ<\/strong> بد <a href="https:\/\/example\.org"/);
  assert.doesNotMatch(await html(page), /tracker|javascript|script>/);
  await press('Control+KeyA', 'Delete');
  await paste({ 'text/html': '<b style="font-weight:normal" id="docs-internal-guid-1"><p>نه <span style="font-weight:700">آری</span></p></b>' });
  assert.match(await html(page), /نه <strong>آری<\/strong>/);
  await leave();
});

it('copied text is Markdown and HTML with its directions', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('# سلام');
  await press('Enter');
  await type('- one');
  await press('Control+KeyA', 'Control+KeyC');
  const read = (kind) => page.evaluate(async (kind) => (await (await navigator.clipboard.read())[0].getType(kind)).text(), kind);
  assert.equal(await read('text/plain'), '# سلام\n\n- one');
  assert.match(await read('text/html'), /<h1 [^>]*dir="rtl"[^>]*>سلام<\/h1><ul [^>]*dir="ltr"/);
  await press('ArrowDown', 'Control+KeyV');
  assert.ok((await json(page)).content.every(({ attrs }) => !attrs?.dir));
  await leave();
});

it('the slash list is found in both languages and by keyboard alone', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  for (const word of ['/table', '/جدول']) {
    await type(word);
    await page.getByRole('option', { name: 'جدول' }).waitFor();
    await press('Enter');
    await page.locator('.ProseMirror table').waitFor();
    await type('الف');
    await press('Control+KeyZ', 'Control+KeyZ', 'Control+KeyZ', 'Control+KeyA', 'Delete');
    while (await page.locator('.ProseMirror table').count()) await press('Control+KeyZ');
    await press('Control+KeyA', 'Delete');
  }
  await type('/h2');
  await press('Enter');
  await type('سرتیتر');
  assert.equal((await json(page)).content[0].attrs.level, 2);
  await press('Enter');
  await type('/');
  await page.getByRole('listbox').waitFor();
  await press('Escape');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  await type('x');
  assert.equal(await page.getByRole('listbox').count(), 0);
  await leave();
});

it('people are named with @', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('از @مین');
  await page.getByRole('option', { name: /مینا کریمی/ }).waitFor();
  await press('Enter');
  await type('پرسید');
  const [, mention, rest] = (await json(page)).content[0].content;
  assert.deepEqual(mention.attrs, { id: 'u2', label: 'مینا کریمی' });
  assert.equal(rest.text, ' پرسید');
  await leave();
});

it('half-spaces are typed by a tool and by the layout, and can be seen', async () => {
  const { page, text, type, leave } = await write();
  await text.click();
  await type('می');
  await page.getByRole('button', { name: 'نیم‌فاصله', exact: true }).click();
  await type('روم');
  // As the Persian layout does it: the key is a space bar, the sign is not.
  await page.keyboard.insertText('\u200c');
  await type('ها');
  assert.equal((await json(page)).content[0].content[0].text, 'می‌روم‌ها');
  await page.getByRole('button', { name: 'نمایش نویسه‌های ناپیدا' }).click();
  await page.locator('.ProseMirror .zwnj').nth(1).waitFor();
  await leave();
});

it('digits are written as one chose, but for code, names and versions', async () => {
  const { page, text, type, leave } = await write();
  await text.click();
  await page.getByRole('combobox', { name: 'رقم‌ها' }).selectOption('persian');
  await type('سال 1405 و v2');
  assert.equal((await json(page)).content[0].content[0].text, 'سال ۱۴۰۵ و v2');
  await leave();
});

it('words are found however they are spelt, and replaced', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('می‌روم و میروم و می روم و كتاب');
  await press('Control+KeyF');
  await page.getByRole('textbox', { name: 'یافتن' }).fill('می‌روم');
  await page.getByText('۱ از ۳').waitFor();
  await press('Enter');
  await page.getByRole('textbox', { name: 'جایگزین با' }).fill('رفتم');
  await page.getByRole('button', { name: 'جایگزینی همه' }).click();
  await page.waitForFunction(() => document.querySelector('.ProseMirror').innerText === 'رفتم و رفتم و رفتم و كتاب');
  await page.getByRole('textbox', { name: 'یافتن' }).fill('کتاب');
  await page.getByText('۱ از ۱').waitFor();
  await press('Escape');
  await page.getByRole('textbox', { name: 'یافتن' }).waitFor({ state: 'detached' });
  await leave();
});

it('shortcuts are the same on a Persian keyboard', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('سلام');
  await press('Control+KeyA');
  const persian = (key, code, more = {}) =>
    page.evaluate((init) => document.querySelector('.ProseMirror').dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })), { key, code, ctrlKey: true, ...more });
  await persian('ذ', 'KeyB');
  await persian('آ', 'KeyH', { shiftKey: true });
  assert.deepEqual((await json(page)).content[0].content[0].marks.map(({ type }) => type).sort(), ['bold', 'highlight']);
  await persian('ظ', 'KeyZ');
  assert.equal((await json(page)).content[0].content?.[0].marks?.length ?? 0, 0);
  // Shift with the space bar is the layout's.
  assert.equal(await page.evaluate(() => document.querySelector('.ProseMirror').dispatchEvent(new KeyboardEvent('keydown', { key: ' ', code: 'Space', shiftKey: true, bubbles: true, cancelable: true }))), true);
  await leave();
});

it('the toolbar is used by keyboard alone', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('سلام');
  await press('Control+KeyA', 'Alt+F10');
  const name = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  assert.ok(await page.evaluate(() => document.activeElement.closest('[role=toolbar]')));
  while ((await name()) !== 'پررنگ') await press('ArrowLeft');
  await press('Enter');
  assert.equal((await json(page)).content[0].content[0].marks[0].type, 'bold');
  await leave();
});

it('a link is set over words, by an address or by none that is one', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('صفحه');
  await press('Control+KeyA', 'Control+KeyK');
  const field = page.getByRole('textbox', { name: 'نشانی پیوند' });
  await field.fill('javascript:alert(1)');
  await press('Enter');
  await page.getByRole('alert').waitFor();
  await field.fill('example.org/x');
  await press('Enter');
  assert.deepEqual((await json(page)).content[0].content[0].marks, [{ type: 'link', attrs: { href: 'https://example.org/x' } }]);
  await leave();
});

it('a link is removed by keyboard alone', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('صفحه');
  await press('Control+KeyA', 'Control+KeyK');
  const field = page.getByRole('textbox', { name: 'نشانی پیوند' });
  await field.fill('example.org');
  await press('Enter');
  await field.waitFor({ state: 'detached' });
  await press('Control+KeyK');
  await field.waitFor();
  await press('Tab', 'Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'برداشتن پیوند');
  await press('Enter');
  await field.waitFor({ state: 'detached' });
  assert.equal((await json(page)).content[0].content[0].marks, undefined);
  await leave();
});

it('the row of a link shows the one at the caret, and what is typed into it stands in the text without its edges', async () => {
  const { page, text, paste, press, leave } = await write();
  await text.click();
  await paste({ 'text/plain': '[one](https://one.example) x [two](https://two.example) ' });
  const caretAt = (place) => page.evaluate((place) => window.stage.text.commands.setTextSelection(place), place);
  const link = page.getByRole('toolbar').first().getByRole('button', { name: /^پیوند/ });
  const field = page.getByRole('textbox', { name: 'نشانی پیوند' });
  const shows = (href) => page.waitForFunction((href) => document.querySelector('input[inputmode=url]')?.value === href, href);
  await caretAt(2);
  await link.click();
  await shows('https://one.example');
  await caretAt(8);
  await shows('https://two.example');
  await press('Escape');
  await field.waitFor({ state: 'detached' });
  // A caret that is moved by keys within 20 ms of the focus is put back by the editor.
  await page.evaluate(() => window.stage.text.commands.focus('end'));
  await press('Enter');
  await link.click();
  await field.fill(' three.example ');
  await press('Enter');
  await field.waitFor({ state: 'detached' });
  const { content } = await json(page);
  assert.deepEqual(content.at(-1).content[0], { type: 'text', text: 'three.example', marks: [{ type: 'link', attrs: { href: 'https://three.example' } }] });
  await leave();
});

it('a table is filled by Tab and grows by its own bar', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('/جدول');
  await press('Enter');
  await type('نام');
  await press('Tab');
  await type('سن');
  await page.getByRole('toolbar', { name: 'جدول' }).getByRole('button', { name: 'سطر پایین' }).click();
  assert.equal(await page.locator('.ProseMirror tr').count(), 4);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.ProseMirror table')).direction), 'rtl');
  await leave();
});

it('a picture that is chosen is kept by the house, and says what it shows', async () => {
  const { page, text, leave } = await write();
  await text.click();
  await page.locator('input[type=file]').setInputFiles({ name: 'نمودار.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await page.locator('.ProseMirror img').click();
  const field = page.getByRole('textbox', { name: 'تصویر چه نشان می‌دهد' });
  assert.equal(await field.inputValue(), 'نمودار');
  await field.fill('نمودار فروش');
  await page.keyboard.press('Enter');
  const picture = (await json(page)).content.find(({ type }) => type === 'image');
  assert.deepEqual([picture.attrs.src, picture.attrs.alt], ['/api/v1/files/pic/content', 'نمودار فروش']);
  await leave();
});

it('two write one document and see each other', async () => {
  const one = await write();
  await one.text.click();
  await one.type('سلام');
  await saved(one.page);
  const two = await write({ paper: one.paper, user: 'u2', name: 'Mina', lang: 'en', dir: 'rtl' });
  await two.text.click();
  await two.press('Control+End', 'Enter');
  await two.type('hello');
  await one.page.getByText('hello').waitFor();
  await one.page.locator('.other').getByText('Mina').waitFor();
  assert.equal(await one.page.evaluate(() => window.stage.text.getText()), await two.page.evaluate(() => window.stage.text.getText()));
  await two.leave();
  await one.page.locator('.other').waitFor({ state: 'detached' });
  await one.leave();
});

it('a comment and a picture come where they were begun, whatever others wrote meanwhile', async () => {
  const one = await write();
  await one.text.click();
  await one.type('یکم');
  await one.press('Enter');
  await one.type('دوم');
  await saved(one.page);
  const two = await write({ paper: one.paper, user: 'u2', name: 'Mina' });
  const wait = () => one.page.evaluate(() => void (window.stage.wait = new Promise((go) => (window.stage.go = go))));
  const go = () => one.page.evaluate(() => window.stage.go());
  const meanwhile = async (words) => {
    await two.text.click();
    await two.press('Control+Home');
    await two.type(words);
    await one.page.getByText(words).waitFor();
  };
  await wait();
  await one.press('Shift+Home');
  await one.page.getByRole('toolbar', { name: 'واژه‌های برگزیده' }).getByRole('button').last().click();
  await meanwhile('پیش از ');
  await go();
  await one.page.locator('.ProseMirror [data-comment=c1]').getByText('دوم', { exact: true }).waitFor();
  await wait();
  await one.press('End');
  await one.page.locator('input[type=file]').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await one.press('Control+Home');
  await meanwhile('باز هم ');
  await go();
  await one.page.locator('.ProseMirror img').waitFor();
  assert.deepEqual((await json(one.page)).content.map(({ type }) => type).slice(0, 3), ['paragraph', 'paragraph', 'image']);
  await two.leave();
  await one.leave();
});

it('the caret is where it was', async () => {
  const { page, text, type, press, leave } = await write();
  await text.click();
  await type('یکم');
  await press('Enter');
  await type('دوم');
  await press('ArrowUp', 'End');
  await page.waitForFunction(() => Object.keys(localStorage).some((name) => name.startsWith('dabir_place')));
  await saved(page);
  await page.reload();
  await page.locator('.ProseMirror-focused').waitFor();
  await type('!');
  assert.equal((await json(page)).content[0].content[0].text, 'یکم!');
  await leave();
});

it('somebody signed out writes on, and all is saved once signed in again', async () => {
  const { page, text, type, leave } = await write();
  await text.click();
  await type('یکم ');
  await saved(page);
  stage.relay.may = () => 'signed_out';
  stage.relay.dismiss('signed_out');
  await page.getByRole('alert').getByText('از حساب بیرون رفته‌اید').waitFor();
  await type('دوم');
  stage.relay.may = () => 'edit';
  await page.getByRole('button', { name: 'ورود دوباره' }).click();
  await saved(page);
  await page.getByRole('alert').waitFor({ state: 'detached' });
  assert.equal(await text.innerText(), 'یکم دوم');
  await leave();
});

it('somebody without the right any more copies their text out', async () => {
  const { page, text, type, leave } = await write();
  await text.click();
  await type('# مال من');
  await saved(page);
  stage.relay.may = () => 'no_right';
  stage.relay.dismiss('no_right');
  await page.getByRole('button', { name: 'رونوشت از همهٔ متن' }).click();
  await page.getByText('متن در کلیپ‌بورد است.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '# مال من');
  assert.equal(await page.locator('.ProseMirror').getAttribute('contenteditable'), 'false');
  stage.relay.may = () => 'edit';
  await leave();
});

it('a reader reads: nothing can be typed and nothing is sent', async () => {
  const paper = `r${++papers}`;
  const writer = await write({ paper });
  await writer.text.click();
  await writer.type('متن');
  await saved(writer.page);
  await writer.leave();
  stage.relay.may = () => 'view';
  const changes = stage.relay.changes;
  const { page, text, type, leave } = await write({ paper, readOnly: true });
  await page.getByText('متن', { exact: true }).waitFor();
  await text.click();
  await type('x');
  assert.equal(await page.getByRole('toolbar').count(), 0);
  assert.equal(await text.innerText(), 'متن');
  assert.equal(stage.relay.changes, changes);
  stage.relay.may = () => 'edit';
  await leave();
});

it('two type while lines, tabs, sessions and the server fail: nothing is lost', async (t) => {
  t.diagnostic(await survive({ stage, browser }));
});

const FULL = {
  fa: '# صورت‌جلسهٔ آذر\n\nدر این نشست **سه** موضوع بررسی شد؛ [پیوند](https://example.org) و `code` و ==برجسته==.\n\n- یکم\n- Second in English\n\n۱. الف\n۲. ب\n\n- [x] انجام شد\n- [ ] مانده\n\n> گفته‌ای از کسی\n\n| نام | سن |\n|---|---|\n| علی | ۲۰ |\n\nEnglish paragraph in between, with its own side.\n\n```rust\nfn main() {}\n```\n\n---\n\nپایان',
  en: '# Minutes\n\nThree **matters** were discussed; a [link](https://example.org), `code` and ==marked==.\n\n- one\n- دوم به فارسی\n\n1. a\n2. b\n\n- [x] done\n- [ ] open\n\n> A quote\n\n| Name | Age |\n|---|---|\n| Ali | 20 |\n\nیک بند فارسی در میان، با سوی خودش.\n\n```rust\nfn main() {}\n```\n\n---\n\nThe end',
};

for (const lang of ['fa', 'en']) {
  for (const theme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
      it(`everybody can use it: ${lang}, ${theme}, ${width} px`, async () => {
        const { page, text, paste, type, press, leave } = await write({ lang, theme, width });
        await text.click();
        await paste({ 'text/plain': FULL[lang] });
        await saved(page);
        await page.evaluate(() => window.stage.text.commands.focus(4));
        await look(page, `editor-${lang}-${theme}-${width}`);
        await press('Control+KeyF');
        await type(lang === 'fa' ? 'یکم' : 'one');
        await page.locator('.ProseMirror .hit').first().waitFor();
        await look(page, `editor-find-${lang}-${theme}-${width}`);
        await press('Escape');
        await page.evaluate(() => window.stage.text.commands.focus('end'));
        await press('Enter');
        await type('/');
        await page.getByRole('listbox').waitFor();
        await look(page, `editor-slash-${lang}-${theme}-${width}`, true);
        await press('Escape');
        await page.evaluate(() => {
          const { state, commands } = window.stage.text;
          state.doc.descendants((node, pos) => node.type.name === 'table' && commands.setTextSelection(pos + 4));
          commands.focus();
        });
        await page.getByRole('toolbar').nth(1).waitFor();
        stage.relay.may = () => 'no_right';
        stage.relay.dismiss('no_right');
        await page.getByRole('alert').waitFor();
        await look(page, `editor-refused-${lang}-${theme}-${width}`);
        stage.relay.may = () => 'edit';
        await leave();
      });
    }
  }
}

async function look(page, name, isWindow = false) {
  assert.deepEqual(await violations(page), [], name);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wider <= 0, `${name} is ${wider} px too wide`);
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: !isWindow });
}
