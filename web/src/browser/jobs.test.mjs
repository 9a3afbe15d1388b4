// What operators do with background jobs, queues and schedules, against the real server.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fill, job, queue, write } from './jobs.mjs';
import { browser, dabir, house, openHouse, scrollDownTo, startConsole, visit } from './rig.mjs';

openHouse(() => fill(dabir));

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const queueOf = async (name) => (await dabir.api('GET', '/queues')).items.find((queue) => queue.name === name);

it('a queue is paused with a reason and goes on, by keyboard alone', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/jobs');
  await page.getByRole('button', { name: /^Pause… .*reports/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Why' }).waitFor();
  await page.keyboard.type('the disk is full');
  await page.keyboard.press('Enter');
  await text(page, 'Nothing of reports is begun while it is paused.');
  await text(page, /^By .+ since/);
  const { paused_at, pause_reason } = await queueOf('reports');
  assert.ok(paused_at);
  assert.equal(pause_reason, 'the disk is full');
  await press(page, 'Undo');
  await page.getByText('the disk is full').first().waitFor({ state: 'detached' });
  assert.equal((await queueOf('reports')).paused_at, null);
  await leave();
});

it('a queue gets another share and limits, in any digits, and loses a limit again', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/jobs');
  await page.getByRole('button', { name: /^سهم و محدودیت‌ها… .*reports/ }).click();
  await page.getByRole('textbox', { name: 'سهم از کارگرها' }).fill('۳');
  await page.getByRole('textbox', { name: 'حداکثر اجرای هم‌زمان' }).fill('');
  await page.getByRole('textbox', { name: 'حداکثر شروع در هر ثانیه' }).fill('۲٫۵');
  await page.keyboard.press('Enter');
  await text(page, /سهم: ۳/);
  const { weight, max_running, rate } = await queueOf('reports');
  assert.deepEqual({ weight, max_running, rate }, { weight: 3, max_running: null, rate: 2.5 });
  await leave();
});

it('a job that failed is edited: what is no JSON and what the server refuses stands there with what was typed', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/jobs/2');
  await heading(page, /report\.make\s*Failed/);
  await text(page, 'Its worker died');
  await press(page, 'Edit and try again…');
  const field = page.getByRole('textbox', { name: 'Arguments' });
  await field.fill('{\n  "campus": 1200,,\n}');
  await press(page, 'Try again with these');
  await text(page, 'This is no JSON; look at line 2.');
  await field.fill('{ "campus": "1200" }');
  await press(page, 'Try again with these');
  await text(page, 'This version of Dabir knows no job of this kind.');
  assert.equal(await field.inputValue(), '{ "campus": "1200" }');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await dabir.api('GET', '/jobs/2')).args.campus, '1100');
  await leave([/422/]);
});

it('a job is tried again, and cancelled while it waits', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/jobs/3');
  await heading(page, /Set aside/);
  await press(page, 'Try it again');
  await heading(page, /Waiting/);
  assert.equal((await dabir.api('GET', '/jobs/3')).state, 'queued');
  await press(page, 'Cancel the job');
  await heading(page, /Cancelled/);
  assert.equal((await dabir.api('GET', '/jobs/3')).state, 'cancelled');
  await press(page, 'Undo');
  await heading(page, /Waiting/);
  await leave();
});

it('all that match are tried again once one has read how many they are', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  const kind = 'letters.print';
  write(dabir, { job: Array.from({ length: 12 }, (_, i) => job(100 + i, { kind, state: i < 10 ? 'failed' : 'succeeded', ended_at: Date.now() })) });
  await go(`/jobs?kind=${kind}`);
  await press(page, 'اجرای دوبارهٔ همهٔ این‌ها…');
  await press(page, 'اجرای دوبارهٔ ۱۰ کار');
  await text(page, '۱۰ کار دوباره در انتظار کارگرند.');
  assert.equal((await dabir.api('GET', `/jobs?kind=${kind}&state=queued`)).total, 10);
  await press(page, 'لغو همهٔ این‌ها…');
  await press(page, 'لغو ۱۰ کار');
  await text(page, '۱۰ کار لغو شد.');
  assert.equal((await dabir.api('GET', `/jobs?kind=${kind}&state=cancelled`)).total, 10);
  await leave();
});

it('what others do is seen at once, and the log is followed', async () => {
  const { page, go, leave } = await visit(browser, house);
  write(dabir, { job: [job(200)] });
  await go('/jobs/200');
  await heading(page, /Waiting/);
  await dabir.api('POST', '/jobs/200/cancel');
  await heading(page, /Cancelled/);
  await go('/jobs/7');
  await text(page, '20.3%');
  write(dabir, { job_log: [{ job_id: 7, attempt: 1, at: Date.now(), level: 'info', line: 'a line from another process' }] });
  await text(page, /a line from another process/);
  await leave();
});

it('a schedule is switched off, changed and run by hand', async () => {
  const { page, go, leave } = await visit(browser, house);
  const schedule = async () => (await dabir.api('GET', '/schedules')).items.find(({ name }) => name === 'sync:faculty');
  await go('/schedules');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'sync:faculty' }) });
  await card.getByText('every Saturday and Tuesday at 02:30').waitFor();
  await card.getByText('On', { exact: true }).click();
  await card.getByText('Off', { exact: true }).waitFor();
  assert.equal((await schedule()).enabled, false);
  await press(page, 'Undo');
  await card.getByText('On', { exact: true }).waitFor();
  await card.getByRole('link', { name: 'Change…' }).click();
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('99 * * * *');
  await page.keyboard.press('Enter');
  await text(page, /says no times/);
  await page.getByRole('radio', { name: 'Every so often' }).click();
  await page.getByRole('textbox', { name: 'How many' }).fill('۹۰');
  await page.getByRole('radio', { name: 'minutes' }).click();
  await page.keyboard.press('Tab');
  await press(page, 'Save');
  await card.getByText('every 90 minutes').waitFor();
  const { every, cron } = await schedule();
  assert.deepEqual({ every, cron }, { every: '90m', cron: null });
  await card.getByRole('button', { name: 'Run now' }).click();
  await card.getByRole('link', { name: /^Job/ }).click();
  await heading(page, /Data sync\s*Waiting/);
  await page.getByRole('link', { name: 'Schedule sync:faculty' }).waitFor();
  await leave([/422/]);
});

it('an auditor sees everything and changes nothing', async () => {
  const watched = await startConsole(dabir, { user: { name: 'auditor', role: 'auditor' } });
  const { page, go, leave } = await visit(browser, watched);
  for (const path of ['/jobs', '/jobs/2', '/schedules?change=sync%3Afaculty']) {
    await go(path);
    assert.deepEqual(await page.getByRole('button', { name: /^(Pause|Let|Share|Try|Edit|Cancel|Run|Save)/ }).all(), []);
    assert.equal(await page.getByRole('dialog').count(), 0);
  }
  assert.equal(await page.getByRole('switch', { disabled: false }).count(), 0);
  await leave();
  watched.close();
});

it('a hundred thousand jobs are read as they are scrolled to, a few rows at a time', async () => {
  const COUNT = 100_000;
  const { page, leave } = await visit(browser, house);
  write(dabir, { job_queue: [queue('bulk')], job: Array.from({ length: COUNT }, (_, i) => job(1_000 + i, { kind: 'bulk.job', queue: 'bulk', state: 'succeeded', ended_at: Date.now() })) });
  const began = Date.now();
  await page.goto(`${house.url}/jobs`);
  const table = page.getByRole('table', { name: 'Jobs' });
  await table.getByRole('row', { name: String(1_000 + COUNT - 1) }).waitFor();
  console.log(`# the first rows of ${COUNT} jobs: ${Date.now() - began} ms`);
  assert.ok(Number(await table.getAttribute('aria-rowcount')) > COUNT);
  for (const pages of [1, 2, 5]) await scrollDownTo(page, String(1_000 + COUNT - 100 * pages));
  assert.ok((await page.getByRole('row').count()) < 200);
  await leave();
});
