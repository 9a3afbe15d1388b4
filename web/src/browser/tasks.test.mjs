// What writers do with tasks, against the real server.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { until } from './clients.mjs';
import { browser, dabir, house, openHouse, own, visit } from './rig.mjs';

const people = {};
openHouse(async () => {
  people.sara = await dabir.addPerson('سارا احمدی', 'writer', 'sara');
  people.nima = await dabir.addPerson('Nima', 'writer');
});

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const row = (page, title) => page.getByRole('row').filter({ has: page.getByRole('link', { name: title, exact: true }) });
const link = (page, title) => page.getByRole('link', { name: title, exact: true });
const make = (body) => dabir.api('POST', '/tasks', typeof body === 'string' ? { title: body } : body);
const task = (number) => dabir.api('GET', `/tasks/${number}`);
const change = ({ number }, body) => dabir.api('PATCH', `/tasks/${number}`, body);
const named = async (title) => (await dabir.api('GET', `/tasks?q=${encodeURIComponent(title)}`)).items.find((one) => one.title === title);
const column = (page, name) => page.getByRole('region', { name, exact: true });
/** The titles of a column from top to bottom. */
const cards = (page, name) => column(page, name).locator('[data-card] a').allInnerTexts();

it('one Persian line makes a task with its date, person, label and priority, and says before how it is understood', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/tasks');
  await text(page, 'هنوز کاری نیست');
  await page.keyboard.press('c');
  await page.keyboard.type('گزارش را بفرست فردا ۱۰ @سار');
  await page.getByRole('option', { name: 'سارا احمدی' }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('#بودجه !فوری');
  const understood = page.locator('form').getByRole('status').filter({ hasText: 'گزارش را بفرست' });
  for (const words of ['فردا ۱۰:۰۰', 'سارا احمدی', 'بودجه', 'فوری']) await understood.getByText(words).waitFor();
  await page.keyboard.press('Enter');
  await row(page, 'گزارش را بفرست').getByText('فوری').filter({ visible: true }).waitFor();
  const { due, assignees, labels, priority } = await named('گزارش را بفرست');
  assert.deepEqual([assignees, labels, priority], [[people.sara.id], ['بودجه'], 'urgent']);
  assert.equal(new Date(due).toLocaleTimeString('en-GB', { timeZone: 'Asia/Tehran' }), '10:00:00');
  assert.equal(await page.getByRole('textbox', { name: 'کار تازه' }).inputValue(), '');
  await leave();
});

it('one English line does; what is no date stays in the title, and a name that nobody has is asked about', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/tasks');
  const line = page.getByRole('textbox', { name: 'New task' });
  await line.fill('Call the bank next Sat #money !high @Nobody');
  await page.keyboard.press('Enter');
  await text(page, /more than one, is called .*Nobody/);
  await line.fill('Call the bank next Sat #money !high @nima');
  // Enter would choose Nima, once the name is offered.
  await press(page, 'Add');
  await row(page, 'Call the bank').getByText('High').filter({ visible: true }).waitFor();
  assert.deepEqual((await named('Call the bank')).assignees, [people.nima.id]);
  await line.fill('Read the book Tomorrow');
  await press(page, 'This is no date');
  await press(page, 'Add');
  await row(page, 'Read the book Tomorrow').waitFor();
  assert.equal((await named('Read the book Tomorrow')).due ?? null, null);
  await leave();
});

it('by letters alone rows are walked, chosen, given, dated, finished, deleted and had back', async () => {
  for (const title of ['Third row', 'Second row', 'First row']) await make({ title, labels: ['rows'] });
  const { page, go, leave } = await visit(browser, house);
  await go('/tasks?label=rows');
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'First row');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await text(page, '2 chosen');
  await page.keyboard.press('k');
  await page.keyboard.press('s');
  await page.getByRole('dialog', { name: 'Status' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await text(page, /2 tasks are now .*Doing/);
  await row(page, 'Third row').getByText('Doing').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await press(page, 'Choose none');
  await link(page, 'First row').focus();
  await page.keyboard.press('a');
  await page.getByRole('textbox', { name: 'Who is to do it' }).fill('nim');
  await page.getByRole('dialog').getByRole('button', { name: 'Nima' }).waitFor();
  await page.keyboard.press('Enter');
  await row(page, 'First row').getByText('Nima').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await link(page, 'First row').focus();
  await page.keyboard.press('d');
  await page.getByRole('textbox', { name: 'In words' }).fill('tomorrow');
  await page.keyboard.press('Enter');
  await row(page, 'First row').getByText('tomorrow').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await link(page, 'First row').focus();
  await page.keyboard.press('Delete');
  await link(page, 'First row').waitFor({ state: 'detached' });
  await page.getByRole('alertdialog', { name: /First row.* is deleted/ }).getByRole('button', { name: 'Undo' }).click();
  await link(page, 'First row').waitFor();
  await link(page, 'First row').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'First row' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.keyboard.type('Second');
  await link(page, 'Third row').waitFor({ state: 'detached' });
  assert.match(page.url(), /q=Second/);
  await leave();
});

it('many get a label at once, and lose it again by undo', async () => {
  for (const title of ['Bulk one', 'Bulk two']) await make({ title, labels: ['bulk'] });
  const { page, go, leave } = await visit(browser, house);
  await go('/tasks?label=bulk');
  for (const title of ['Bulk one', 'Bulk two']) await row(page, title).getByRole('checkbox').click({ force: true });
  await press(page, 'Label…');
  await page.getByRole('textbox', { name: 'Label' }).fill('شورا');
  await page.keyboard.press('Enter');
  await row(page, 'Bulk one').getByText('شورا').waitFor();
  await until(async () => (await named('Bulk two')).labels.length === 2);
  await press(page, 'Undo');
  await row(page, 'Bulk one').getByText('شورا').waitFor({ state: 'detached' });
  await until(async () => (await named('Bulk two')).labels.join() === 'bulk');
  await leave();
});

it('cards are dragged on the board and moved by keyboard, also from right to left', async () => {
  const [one] = [await make({ title: 'Card one', labels: ['board'] }), await make({ title: 'Card two', labels: ['board'] })];
  const { page, go, leave } = await visit(browser, house);
  await go('/tasks?view=board&label=board');
  await link(page, 'Card one').dragTo(column(page, 'Doing'));
  await column(page, 'Doing').getByRole('link', { name: 'Card one' }).waitFor();
  await until(async () => (await task(one.number)).status === 'doing');
  await link(page, 'Card two').focus();
  await page.keyboard.press('Shift+ArrowRight');
  await column(page, 'Doing').getByRole('link', { name: 'Card two' }).waitFor();
  await until(async () => (await cards(page, 'Doing')).length === 2);
  const [first, second] = await cards(page, 'Doing');
  await link(page, second).focus();
  await page.keyboard.press('Shift+ArrowUp');
  await until(async () => (await cards(page, 'Doing')).join() === [second, first].join());
  assert.equal(await page.evaluate(() => document.activeElement.textContent), second);
  await go('/tasks?view=board&label=board');
  assert.deepEqual(await cards(page, 'Doing'), [second, first]);
  await page.getByRole('button', { name: /^Move .*Card one/ }).click();
  await page.getByRole('menuitem', { name: /To .*Done/ }).click();
  await column(page, 'Done').getByRole('link', { name: 'Card one' }).waitFor();
  await leave();

  const persian = await visit(browser, house, { lang: 'fa' });
  await persian.go('/tasks?view=board&label=board');
  await link(persian.page, 'Card two').focus();
  await persian.page.keyboard.press('Shift+ArrowLeft');
  await column(persian.page, 'در بازبینی').getByRole('link', { name: 'Card two' }).waitFor();
  await persian.leave();
});

it('tasks are dragged to another day of the Persian month, and moved by keyboard; the hour stays', async () => {
  const { number } = await make({ title: 'جلسهٔ شورا', due: '2026-12-05T08:30:00Z' });
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/tasks?view=calendar&month=2026-12-05');
  await page.getByRole('heading', { name: 'آذر ۱۴۰۵' }).waitFor();
  await page.locator('[data-day="2026-12-05"]').getByText('جلسهٔ شورا').waitFor();
  await page.getByRole('link', { name: /جلسهٔ شورا/ }).dragTo(page.locator('[data-day="2026-12-08"]'));
  await page.locator('[data-day="2026-12-08"]').getByText('جلسهٔ شورا').waitFor();
  await until(async () => Date.parse((await task(number)).due) === Date.parse('2026-12-08T08:30:00Z'));
  await page.getByRole('link', { name: /جلسهٔ شورا/ }).focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.locator('[data-day="2026-12-09"]').getByText('جلسهٔ شورا').waitFor();
  await until(async () => Date.parse((await task(number)).due) === Date.parse('2026-12-09T08:30:00Z'));
  await page.keyboard.press('Shift+ArrowDown');
  await until(async () => Date.parse((await task(number)).due) === Date.parse('2026-12-16T08:30:00Z'));
  await leave();
});

it('of two who change the text at once both are kept, to choose from', async () => {
  const made = await make({ title: 'The plan', description: 'first' });
  const { page, go, leave } = await visit(browser, house);
  await go(`/tasks/${made.number}`);
  await press(page, 'Change the text');
  await page.getByRole('textbox', { name: 'Text' }).fill('mine');
  await change(made, { description: 'theirs' });
  await page.getByRole('textbox', { name: 'Text' }).waitFor();
  await press(page, 'Save');
  const clash = page.getByRole('alert').filter({ hasText: 'Changed meanwhile' });
  await clash.getByText('theirs', { exact: true }).waitFor();
  await clash.getByText('mine', { exact: true }).waitFor();
  await clash.getByRole('button', { name: 'Save mine over it' }).click();
  await clash.waitFor({ state: 'detached' });
  assert.equal((await task(made.number)).description, 'mine');
  await leave([/409/, /412/]);
});

it('somebody is called to a comment and answers; one’s own is changed and taken back', async () => {
  const made = await make({ title: 'What is said' });
  const sara = await own(people.sara);
  await sara.go(`/tasks/${made.number}`);
  const field = sara.page.getByRole('textbox', { name: 'Comment' });
  await field.click();
  await sara.page.keyboard.type('What do you think, @ni');
  await sara.page.getByRole('option', { name: 'Nima' }).waitFor();
  await sara.page.keyboard.press('Enter');
  await sara.page.keyboard.type('?');
  await sara.page.keyboard.press('Control+Enter');
  await sara.page.getByRole('listitem').filter({ hasText: 'What do you think, @Nima ?' }).waitFor();
  const said = () => dabir.api('GET', `/tasks/${made.number}/comments`).then(({ items }) => items);
  assert.deepEqual((await said())[0].mentions, [people.nima.id]);

  const nima = await own(people.nima);
  await nima.go(`/tasks/${made.number}`);
  await press(nima.page, 'Answer');
  await nima.page.keyboard.type('It is fine');
  await nima.page.keyboard.press('Control+Enter');
  await sara.page.getByText('It is fine').waitFor();
  // Of what the other said there is nothing to change.
  await press(nima.page, 'Change this');
  await nima.page.getByRole('textbox', { name: 'Comment' }).first().fill('It is good');
  await press(nima.page, 'Save');
  await sara.page.getByText('It is good').waitFor();
  const [first, second] = await said();
  assert.deepEqual([second.thread, second.text], [first.id, 'It is good']);

  await press(nima.page, 'Take this back');
  await press(nima.page, 'Undo');
  await text(nima.page, 'It is good');
  await press(nima.page, 'Take this back');
  await nima.page.getByRole('alertdialog', { name: /taken back/ }).getByRole('button', { name: 'Close' }).click();
  await sara.page.getByText('taken back').waitFor();
  assert.ok((await said())[1].deleted_at);
  await nima.leave();
  await sara.leave();
});

it('what others do is seen at once in the list and beside it', async () => {
  const made = await make({ title: 'Seen by two', labels: ['live'] });
  const { page, go, leave } = await visit(browser, house);
  await go(`/tasks?label=live&task=${made.number}`);
  await page.getByRole('dialog', { name: 'Seen by two' }).waitFor();
  await change(made, { title: 'Seen by both', status: 'review' });
  await page.getByRole('dialog', { name: 'Seen by both' }).waitFor();
  await page.keyboard.press('Escape');
  await row(page, 'Seen by both').getByText('In review').waitFor();
  await leave();
});

it('whoever only writes begins with their own tasks, the latest first to be done above', async () => {
  await make({ title: 'For Sara', assignees: [people.sara.id], due: '2020-01-01' });
  const { page, go, leave } = await own(people.sara);
  await go('/');
  await page.getByRole('region', { name: /Overdue/ }).getByRole('link', { name: 'For Sara' }).waitFor();
  assert.match(page.url(), /\/tasks\?view=mine$/);
  assert.equal(await page.getByRole('link', { name: 'Overview' }).count(), 0);
  await leave();
});

it('files are attached to a task by button and by dropping, taken home, and taken off with a way back', async () => {
  const { number, id } = await make('With files');
  const sara = await own(people.sara);
  const { page } = sara;
  await sara.go(`/tasks/${number}`);
  await text(page, 'none; drop some here, or paste them');
  await page.locator('input[type=file]').first().setInputFiles([{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('The plan of it.') }]);
  await link(page, 'plan.txt').waitFor();
  await drop(page, 'صورت هزینه.csv', 'text/csv', 'a,b\n1,2\n');
  await link(page, 'صورت هزینه.csv').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /^Download .?plan\.txt/ }).click()]);
  assert.equal(await readFile(await download.path(), 'utf8'), 'The plan of it.');

  const nima = await own(people.nima);
  await nima.go(`/tasks/${number}`);
  await link(nima.page, 'plan.txt').click();
  await nima.page.getByRole('heading', { level: 1, name: /plan/ }).waitFor();
  await nima.leave();

  await page.getByRole('button', { name: /^Take .?plan\.txt.? off the task/ }).click();
  await link(page, 'plan.txt').waitFor({ state: 'detached' });
  const names = async () => (await dabir.api('GET', `/files?attached=task:${id}`)).items.map(({ name }) => name);
  assert.deepEqual(await names(), ['صورت هزینه.csv']);
  await press(page, 'Undo');
  await link(page, 'plan.txt').waitFor();
  await sara.leave();
});

/** Lets a file fall on the page. */
async function drop(page, name, type, body) {
  const data = await page.evaluateHandle(([name, type, body]) => {
    const data = new DataTransfer();
    data.items.add(new File([body], name, { type }));
    return data;
  }, [name, type, body]);
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('main', event, { dataTransfer: data });
}
