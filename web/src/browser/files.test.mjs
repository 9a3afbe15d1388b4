// What writers do with files, against the real server.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { browser, dabir, house, openHouse, visit } from './rig.mjs';

openHouse();

const TEXT = 'گزارش درگاه دانشگاه. درگاه دانشگاه داده‌های دانشجويان را مي‌گیرد و برای كارشناسان می‌فرستد. ';
const file = (name, buffer = Buffer.from(TEXT.repeat(20)), mimeType = 'text/plain') => ({ name, mimeType, buffer });
const large = (name, mebibytes) => file(name, Buffer.alloc(mebibytes << 20), 'application/octet-stream');

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const choose = (page, ...files) => page.locator('input[type=file]').first().setInputFiles(files);
const tray = (page) => page.getByRole('region', { name: 'Uploads' });
/** A name of signs that are read both ways stands isolated in labels. */
const of = (what, name) => new RegExp(`^${what} .?${name}.?$`);

/** Cuts the line for uploads, or mends it. */
async function cut(page, isCut) {
  const pattern = '**/api/v1/uploads/**';
  return isCut ? page.route(pattern, (route) => route.abort()) : page.unroute(pattern);
}

it('several files are uploaded and analysed before one’s eyes; one shows what was found in it', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  await text(page, 'No file yet');
  await choose(page, file('گزارش.txt'), file('plan.md', Buffer.from('# Plan\n\nSee https://example.org/plan.\n')));
  await row(page, 'گزارش.txt').getByText('Analysed').waitFor();
  await row(page, 'plan.md').getByText('Analysed').waitFor();
  await row(page, 'گزارش.txt').getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: /گزارش/ }).waitFor();
  await text(page, 'Readability');
  await text(page, 'The Arabic form of the letter yeh');
  await page.getByRole('group', { name: 'Text' }).getByText('درگاه دانشگاه').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  assert.equal(await readFile(await download.path(), 'utf8'), TEXT.repeat(20));
  await leave();
});

it('an upload goes on by itself after the line was cut', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  await cut(page, true);
  await choose(page, large('cut.bin', 11));
  await tray(page).getByText('The line is cut').waitFor();
  await cut(page, false);
  await row(page, 'cut.bin').getByText('Stored').waitFor();
  await leave([/ERR_FAILED/]);
});

it('after a reload the same file goes on where it was', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  let pieces = 0;
  await page.route('**/api/v1/uploads/**', (route) => (route.request().method() === 'PATCH' && ++pieces > 1 ? route.abort() : route.continue()));
  const path = join(await mkdtemp(join(tmpdir(), 'dabir-files-')), 'again.bin');
  await writeFile(path, Buffer.alloc(12 << 20));
  await choose(page, path);
  await tray(page).getByText('The line is cut').waitFor();
  page.on('dialog', (dialog) => void dialog.accept());
  await go('/files');
  await text(page, 'Choose the same file again, and it goes on from there.');
  await text(page, /5 MiB.* of .*12 MiB/);
  const offsets = [];
  await page.unroute('**/api/v1/uploads/**');
  page.on('request', (request) => request.method() === 'PATCH' && offsets.push(request.headers()['upload-offset']));
  await choose(page, path);
  await row(page, 'again.bin').getByText('Stored').waitFor();
  assert.equal(offsets[0], String(5 << 20));
  await rm(dirname(path), { recursive: true });
  await leave([/ERR_FAILED/]);
});

it('one is paused, goes on, and another is cancelled', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  const held = [];
  await page.route('**/api/v1/uploads/**', (route) => (route.request().method() === 'PATCH' ? held.push(route) : route.continue()));
  await choose(page, large('slow.bin', 6), large('wrong.bin', 6));
  await tray(page).getByRole('button', { name: of('Pause', 'slow.bin') }).click();
  await tray(page).getByText('Paused').waitFor();
  await tray(page).getByRole('button', { name: of('Cancel', 'wrong.bin') }).click();
  await tray(page).getByText('wrong.bin').waitFor({ state: 'detached' });
  await page.unroute('**/api/v1/uploads/**');
  await tray(page).getByRole('button', { name: of('Go on with', 'slow.bin') }).click();
  await row(page, 'slow.bin').getByText('Stored').waitFor();
  const { items } = await dabir.api('GET', '/files?q=wrong');
  assert.deepEqual(items, []);
  await leave();
});

it('a refusal says why and what next', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  const body = JSON.stringify({ type: 'about:blank', title: '', status: 413, code: 'files.quota', detail: 'you may have 10 MiB' });
  await page.route('**/api/v1/uploads', (route) => route.fulfill({ status: 413, contentType: 'application/problem+json', body }));
  await choose(page, file('much.txt'));
  await tray(page).getByText('Not taken').waitFor();
  await text(page, 'There is not so much room left for files.');
  await leave([/413/]);
});

it('what cannot be read says so, and is analysed again with one press', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  await choose(page, file('broken.pdf', Buffer.from('%PDF-1.7\nnothing of it is true'), 'application/pdf'));
  await row(page, 'broken.pdf').getByText('Cannot be read').waitFor();
  await row(page, 'broken.pdf').getByRole('link').click();
  await text(page, 'Its content cannot be read.');
  await press(page, 'Analyse again');
  await text(page, 'Its content cannot be read.');
  await leave();
});

it('chosen ones are deleted by keyboard, had back by undo, and found among the deleted ones', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files?q=plan');
  await page.getByRole('link', { name: 'plan.md' }).focus();
  await page.keyboard.press('x');
  await page.getByRole('region', { name: 'Chosen files' }).getByRole('button', { name: 'Delete' }).click();
  await row(page, 'plan.md').waitFor({ state: 'detached' });
  await press(page, 'Undo');
  await row(page, 'plan.md').waitFor();
  await row(page, 'plan.md').getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: 'plan.md' }).waitFor();
  await press(page, 'Delete');
  await text(page, 'It was deleted.');
  await go('/files?show=deleted');
  await row(page, 'plan.md').waitFor();
  await leave();
});

it('files are dropped anywhere on the page', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['dropped'], 'dropped.txt'));
    return transfer;
  });
  await page.dispatchEvent('h1', 'dragenter', { dataTransfer: data });
  await text(page, 'Let go to upload');
  await page.dispatchEvent('h1', 'drop', { dataTransfer: data });
  await row(page, 'dropped.txt').waitFor();
  await leave();
});

it('an upload is seen on every other page, and goes on there', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/files');
  const held = [];
  await page.route('**/api/v1/uploads/**', (route) => (route.request().method() === 'PATCH' ? held.push(route) : route.continue()));
  await choose(page, large('along.bin', 6));
  await tray(page).getByText('along.bin').waitFor();
  await page.getByRole('link', { name: 'Tasks', exact: true }).click();
  await tray(page).getByText('1 file is on its way').click();
  await tray(page).getByRole('button', { name: of('Pause', 'along.bin') }).click();
  await tray(page).getByText('1 upload is paused').waitFor();
  await page.unroute('**/api/v1/uploads/**');
  await tray(page).getByRole('button', { name: of('Go on with', 'along.bin') }).click();
  await tray(page).getByText('1 file has come').waitFor();
  await press(page, 'Clear what has come');
  await tray(page).waitFor({ state: 'detached' });
  await leave();
});
