// What people are told and how they choose it, against the real server.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from './clients.mjs';
import { line } from './inbox.mjs';
import { write } from './jobs.mjs';
import { dabir, openHouse, own } from './rig.mjs';

/** A server of mail that takes nothing, so that there is something to choose. */
const SETTINGS = { DABIR_MAIL__URL: 'smtp://127.0.0.1:9?tls=none', DABIR_MAIL__FROM: 'Dabir <dabir@example.org>' };

const people = {};
openHouse(
  async () => {
    people.sara = await dabir.addPerson('سارا احمدی', 'writer', 'sara');
    await dabir.api('PATCH', `/users/${people.sara.id}`, { language: 'fa' });
    people.nima = await dabir.addPerson('Nima', 'admin');
    people.task = (await dabir.api('POST', '/tasks', { title: 'What all lines lead to' })).id;
  },
  undefined,
  SETTINGS,
);

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
/** News are items of a list too. */
const told = (page, words) => page.getByRole('main').getByRole('listitem').filter({ hasText: words });
const bell = (page, count) => page.getByRole('link', { name: new RegExp(`Inbox: .*${count} unread`) });
const give = (title, more) => dabir.api('POST', '/tasks', { title, assignees: [people.nima.id], ...more });
const fresh = (...lines) => write(dabir, { notification: lines.map(([name, hours, more]) => line(people.nima, 'task.assigned', { id: people.task, name }, hours, more)) });

/** Somebody's own console; `mine` asks the API as they would. */
async function asking(person, options) {
  const visitor = await own(person, options);
  const mine = (path) => visitor.page.evaluate(async (path) => (await fetch(`/api/v1${path}`)).json(), path);
  return { ...visitor, mine };
}

it('what comes is counted at once, leads to what it is about, and is seen then', async () => {
  const { page, go, mine, leave } = await asking(people.nima);
  await go('/inbox');
  await text(page, 'Nothing was told to you yet');
  const { number } = await give('Order chairs');
  await bell(page, 1).waitFor();
  await told(page, /gave you the task .*Order chairs/).getByText('Unread').or(told(page, /Order chairs/).getByRole('img', { name: 'Unread' })).first().waitFor();
  await dabir.api('POST', `/tasks/${number}/comments`, { text: 'Blue ones, please.' });
  await told(page, /wrote about the task/).getByText('Blue ones, please.').waitFor();
  await bell(page, 2).click();
  await page.getByRole('link', { name: /gave you the task/ }).click();
  await page.getByRole('heading', { name: /Order chairs/ }).waitFor();
  await bell(page, 1).waitFor();
  await until(async () => (await mine('/notifications/count')).unread === 1);
  await bell(page, 1).click();
  await press(page, 'Mark all as seen');
  await page.getByRole('link', { name: 'Inbox', exact: true }).first().waitFor();
  await until(async () => (await mine('/notifications/count')).unread === 0);
  await page.getByRole('link', { name: 'Unread' }).click();
  await text(page, 'You have seen everything');
  assert.match(page.url(), /show=unread/);
  await leave();
});

it('by letters alone lines are walked, seen, put to sleep and deleted, and had back', async () => {
  fresh(['Alpha', 0.1], ['Beta', 0.2], ['Gamma', 0.3], ['Delta', 30]);
  const { page, go, mine, leave } = await asking(people.nima);
  const left = async () => (await mine('/notifications?unread=true')).items.map(({ subject_name }) => subject_name);
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await go('/inbox?show=unread&kind=task');
  await told(page, 'Alpha').getByText('Today').waitFor();
  await page.keyboard.press('j');
  assert.match(await focused(), /Alpha/);
  await page.keyboard.press('e');
  await told(page, 'Alpha').waitFor({ state: 'detached' });
  await page.waitForFunction(() => /Beta/.test(document.activeElement.textContent));
  await until(async () => (await left()).join() === 'Beta,Gamma,Delta');

  await page.keyboard.press('Delete');
  await told(page, 'Beta').waitFor({ state: 'detached' });
  await page.getByRole('alertdialog', { name: /Beta/ }).getByRole('button', { name: 'Undo' }).click();
  await told(page, 'Beta').waitFor();
  await page.getByRole('link', { name: /Beta/ }).focus();
  await page.keyboard.press('Delete');
  await page.getByRole('alertdialog', { name: /Beta/ }).getByRole('button', { name: 'Close' }).click();
  await until(async () => (await left()).join() === 'Gamma,Delta');

  await page.getByRole('link', { name: /Gamma/ }).focus();
  await page.keyboard.press('z');
  const box = page.getByRole('dialog', { name: 'Let it sleep' });
  await box.getByRole('textbox', { name: 'In words' }).fill('nonsense of sorts');
  await box.getByText(/not understood yet/).waitFor();
  await box.getByRole('textbox', { name: 'In words' }).fill('tomorrow 10');
  await box.getByText(/means: .*10:00/).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('alertdialog', { name: /Gamma.* sleeps/ }).getByRole('button', { name: 'Close' }).click();
  await until(async () => (await left()).join() === 'Delta');
  await page.getByRole('link', { name: /Delta/ }).focus();
  await page.keyboard.press('s');
  await box.getByRole('button', { name: 'An hour' }).click();
  await page.getByRole('alertdialog', { name: /Delta.* sleeps/ }).getByRole('button', { name: 'Undo' }).click();
  await told(page, 'Delta').waitFor();
  assert.deepEqual(await left(), ['Delta']);
  await page.keyboard.press('Shift+Slash');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await leave();
});

it('days are those of the reader’s calendar, and a Persian line reads as one', async () => {
  write(dabir, { notification: [line(people.sara, 'document.shared', { id: 'x', name: 'Minutes' }, 0, { by_name: 'نیما', at: Date.parse('2026-03-21T08:00:00Z'), first_at: 1 })] });
  const { page, go, leave } = await own(people.sara, { lang: 'fa' });
  await go('/inbox');
  await page.getByRole('heading', { name: 'شنبه ۱ فروردین ۱۴۰۵' }).waitFor();
  const words = await page.getByRole('link', { name: /نیما سند «Minutes» را با شما هم‌رسانی کرد/ }).innerText();
  assert.equal(words, 'نیما سند «Minutes» را با شما هم‌رسانی کرد');
  await leave();
});

it('thousands of lines are read as one comes to them', async () => {
  fresh(...Array.from({ length: 1_500 }, (_, at) => [`Crowd ${at}`, 100 + at / 10]));
  const { page, go, leave } = await own(people.nima);
  await go('/inbox');
  assert.ok((await page.locator('main [data-index]').count()) < 60);
  for (let turn = 0; turn < 200 && !(await page.getByText('Crowd 1499').count()); turn += 1) await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await told(page, 'Crowd 1499').waitFor();
  await leave();
});

it('somebody chooses what they hear of and how, takes it back, and hears no more of what they do not want', async () => {
  const { page, go, mine, leave } = await asking(people.nima);
  const choices = () => mine('/notifications/choices');
  await go('/account');
  await page.getByRole('link', { name: 'What I hear of' }).click();
  await text(page, 'This server sends no text messages: nobody has set it up.');
  const tick = page.getByRole('checkbox', { name: 'You are given a task: Inbox' });
  await tick.click();
  await text(page, 'Your choice is saved.');
  assert.equal((await choices()).events['task.assigned'].inbox, false);
  await press(page, 'Undo');
  await until(async () => (await choices()).events['task.assigned'].inbox);
  await page.getByRole('checkbox', { name: 'All of them: E-mail' }).first().click();
  await until(async () => (await choices()).events['task.commented'].mail);
  await page.getByRole('radio', { name: 'Once a day' }).click();
  await page.getByRole('button', { name: /Hour/ }).click();
  await page.getByRole('option', { name: '17:00' }).click();
  await until(async () => (await choices()).digest_hour === 17);
  await page.getByRole('textbox', { name: 'Time zone' }).fill('Mars/Base');
  await text(page, 'There is no such zone.');
  await page.getByRole('textbox', { name: 'Time zone' }).fill('Europe/Berlin');
  await page.getByRole('heading', { name: 'Notifications' }).click();
  await until(async () => (await choices()).timezone === 'Europe/Berlin');
  await press(page, 'Send me a mail to try it');
  await text(page, 'The mail was not taken.');
  assert.equal((await choices()).digest, 'daily');
  await leave([/502/]);
});

it('mails lead to the choices', async () => {
  const { page, go, leave } = await own(people.sara, { lang: 'fa' });
  await go('/account#notifications');
  await page.getByRole('heading', { name: 'اعلان‌ها' }).waitFor();
  assert.match(page.url(), /\/account\/notifications$/);
  await leave();
});
