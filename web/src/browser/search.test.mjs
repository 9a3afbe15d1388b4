// What people find with the palette and on the page of search, against the real server.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TAGS, violations } from '../../room/browser/axe.mjs';
import { until } from './clients.mjs';
import { caller } from './documents.mjs';
import { browser, dabir, openHouse, own, scrollDownTo } from './rig.mjs';
import { upload } from './tasks.mjs';

/** With Arabic letters and without the half-space that the texts have. */
const OTHERWISE = 'شوراي اموزشي';
const TEXT = 'صورت‌جلسهٔ شورای آموزشی دانشکده: برنامهٔ ترم تا پایان آذر آماده شود.';

const people = {};
const made = {};

openHouse(async () => {
  people.admin = await dabir.addPerson('Mina', 'admin');
  people.parvin = await dabir.addPerson('پروین', 'admin', 'parvin');
  await dabir.api('PATCH', `/users/${people.parvin.id}`, { language: 'fa' });
  people.sara = await dabir.addPerson('سارا احمدی', 'writer', 'sara');
  people.nima = await dabir.addPerson('Nima', 'writer');
  const [admin, nima] = await Promise.all([people.admin, people.nima].map((person) => caller(dabir.url, person)));
  made.document = await admin('POST', '/documents', { title: 'صورت‌جلسهٔ آذر', text: TEXT });
  await admin('PUT', `/documents/${made.document.id}/access`, { grants: [{ grantee: 'everyone', right: 'view' }] });
  made.secret = await nima('POST', '/documents', { title: 'شورای آموزشی پنهان', text: TEXT });
  made.task = await admin('POST', '/tasks', { title: 'دعوت‌نامهٔ شورای آموزشی را بفرست' });
  made.file = await upload(dabir, 'notes.txt', Buffer.from(TEXT));
  for (let number = 1; number <= 70; number += 1) await admin('POST', '/tasks', { title: `Seventy times ${number}` });
  // The index follows a moment later.
  await until(async () => (await found(OTHERWISE, 'document,task,file')).length === 3);
  await until(async () => (await nima('GET', `/search?q=${encodeURIComponent('پنهان')}`)).items.length > 0);
  await until(async () => (await found('seventy times 70')).length > 0);
  return { user: people.admin, byCookie: true };
});

const found = async (words, kinds = '') => (await dabir.api('GET', `/search?${new URLSearchParams({ q: words, kinds })}`)).items;
const item = (page, name) => page.getByRole('menuitem', { name });
const field = (page) => page.getByRole('dialog').getByRole('textbox');
const chosen = (page) => page.evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent);

/** Goes down the list by keyboard until this is chosen. */
async function choose(page, words) {
  await until(async () => {
    if ((await chosen(page))?.includes(words)) return true;
    await page.keyboard.press('ArrowDown');
    return false;
  });
}

it('by keyboard alone words in another spelling find a document, a task and the text of a file, and open them', async () => {
  const { page, context, go, leave } = await own(people.parvin, { lang: 'fa' });
  await go('/tasks');
  await page.keyboard.press('Control+k');
  await field(page).waitFor();
  await page.keyboard.type(OTHERWISE);
  for (const name of [/دعوت‌نامهٔ شورای آموزشی را بفرست/, /صورت‌جلسهٔ آذر/, /notes\.txt/]) await item(page, name).waitFor();
  const marked = await item(page, /notes\.txt/).locator('mark').allInnerTexts();
  assert.deepEqual(marked, ['شورای', 'آموزشی']);
  for (const kind of ['کارها', 'سندها', 'پرونده‌ها']) await page.getByRole('group', { name: kind }).waitFor();
  assert.deepEqual(await violations(page, '[role=dialog]', TAGS.slice(0, -1)), []);

  await choose(page, 'notes.txt');
  const [tab] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('Control+Enter')]);
  await tab.waitForURL(`**/files/${made.file}`);
  await tab.close();
  assert.match(page.url(), /\/tasks$/);

  if (!(await field(page).isVisible())) await page.keyboard.press('Control+k');
  await field(page).waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(OTHERWISE);
  await item(page, /صورت‌جلسهٔ آذر/).waitFor();
  await choose(page, 'صورت‌جلسهٔ آذر');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/documents/${made.document.id}`);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await leave();
});

it('an unfinished word finds; a kind narrows it; all that is found has a page of its own', async () => {
  const { page, go, leave } = await own(people.admin);
  await go('/');
  await page.keyboard.press('Control+k');
  await field(page).waitFor();
  await page.keyboard.type('sevent');
  await item(page, /^Seventy times/).first().waitFor();
  assert.equal(await item(page, /^Seventy times/).count(), 5);
  await page.getByRole('dialog').getByRole('button', { name: 'Tasks' }).click();
  await until(async () => (await item(page, /^Seventy times/).count()) === 20);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'INPUT');
  await item(page, /All that is found for/).click();
  await page.waitForURL(/\/search\?q=sevent&kinds=task$/);
  await page.getByRole('status').filter({ hasText: '50 so far, and there may be more.' }).waitFor();
  await scrollDownTo(page, 'Seventy times 1');
  await page.getByRole('status').filter({ hasText: '70 were found.' }).waitFor();
  // Only the rows near the window are drawn.
  assert.ok((await page.locator('[role=row]').count()) < 50);
  await leave();
});

it('the page keeps words and kinds in its address, and says what to try when nothing is there', async () => {
  const { page, go, leave } = await own(people.admin, { width: 360 });
  await go('/search');
  await page.getByText('What are you looking for?').waitFor();
  await until(() => page.evaluate(() => document.activeElement.type === 'search'));
  await page.keyboard.type('"شورای دانشکده"');
  await page.getByText(/Nothing is there for/).waitFor();
  await page.getByText(/Words between quotation marks are found only/).waitFor();
  await page.getByRole('searchbox').fill('"شورای آموزشی"');
  await page.getByRole('link', { name: 'notes.txt' }).waitFor();
  await page.getByRole('button', { name: 'Documents' }).click();
  await page.getByRole('link', { name: 'notes.txt' }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'صورت‌جلسهٔ آذر' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('kinds'), 'document');
  await page.reload();
  await page.getByRole('link', { name: 'صورت‌جلسهٔ آذر' }).waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), '"شورای آموزشی"');
  assert.deepEqual(await violations(page, 'html', TAGS), []);
  await leave();
});

it('what somebody changes is found anew while one looks', async () => {
  const { page, go, leave } = await own(people.admin);
  const { number } = await dabir.api('POST', '/tasks', { title: 'Ostrich' });
  await until(async () => (await found('ostrich')).length > 0);
  await go('/search?q=ostrich');
  await page.getByRole('link', { name: 'Ostrich', exact: true }).waitFor();
  await dabir.api('PATCH', `/tasks/${number}`, { title: 'Ostrich and emu' });
  await page.getByRole('link', { name: 'Ostrich and emu' }).waitFor();
  await leave();
});

it('a writer finds what is shared and nothing that another one keeps, and of a person what they have to do', async () => {
  await dabir.api('POST', '/tasks', { title: 'For Nima', assignees: [people.nima.id] });
  const { page, go, leave } = await own(people.sara);
  await go(`/search?q=${encodeURIComponent(OTHERWISE)}`);
  await page.getByRole('link', { name: 'صورت‌جلسهٔ آذر' }).waitFor();
  assert.equal(await page.getByRole('link', { name: /پنهان/ }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Clients' }).count(), 0);
  await page.keyboard.press('Control+k');
  await field(page).waitFor();
  await page.keyboard.type('nima');
  await item(page, /^Nima/).waitFor();
  await choose(page, 'Nima');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/tasks\?assignee=/);
  await page.getByRole('link', { name: 'For Nima' }).waitFor();
  await leave();
});

it('a server that does not answer is said, and asked again by one press', async () => {
  const { page, go, leave } = await own(people.admin);
  await go('/search');
  const body = JSON.stringify({ type: 'about:blank', title: '', status: 500, code: 'internal', detail: 'broken' });
  await page.route('**/api/v1/search**', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body }));
  await page.getByRole('searchbox').fill('notes');
  await page.getByRole('alert').getByText('Nothing can be found now.').waitFor();
  await page.unroute('**/api/v1/search**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'notes.txt' }).waitFor();
  await leave([/500/]);
});
