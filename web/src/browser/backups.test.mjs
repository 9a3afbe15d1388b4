// What administrators do with backups, against the real server.

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { it } from 'node:test';
import { browser, dabir, house, openHouse, startConsole, visit } from './rig.mjs';

openHouse();

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

it('the first backup is made and verified at a press, and made again by keyboard', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/backups');
  await text(page, 'There is no backup yet');
  await text(page, 'There is no verified backup.');
  await press(page, 'Make one now');
  await page.getByRole('row', { name: /dabir_\d+_\d+\.tar\.zst.*Verified.*KiB/s }).waitFor();
  await text(page, /The newest verified backup is of/);
  await text(page, 'All is well');
  const verify = page.getByRole('button', { name: /^Verify/ });
  await verify.focus();
  await page.keyboard.press('Enter');
  await text(page, /The verification of .* has begun/);
  const job = async () => (await dabir.api('GET', '/jobs?kind=backup.verify')).items[0];
  while ((await job())?.state !== 'succeeded') await new Promise((resolve) => setTimeout(resolve, 50));
  await page.getByRole('row', { name: /tar\.zst.*Verified/s }).waitFor();
  assert.equal((await dabir.api('GET', '/backups')).items.length, 1);
  await leave();
});

it('how a backup is brought back stands there, with the command to copy; a download is the file', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  const [{ name, size_bytes }] = (await dabir.api('GET', '/backups')).items;
  await go('/backups');
  await page.getByRole('button', { name: /^بازگرداندن/ }).click();
  const box = page.getByRole('dialog');
  await box.getByText(`dabir backup restore ${name}`).waitFor();
  await box.getByRole('button', { name: 'کپی' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `dabir backup restore ${name}`);
  await page.keyboard.press('Escape');
  await box.waitFor({ state: 'detached' });
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: /^دریافت/ }).click();
  const download = await saved;
  assert.equal(download.suggestedFilename(), name);
  const { size } = await stat(await download.path());
  assert.equal(size, size_bytes);
  await leave();
});

it('what cannot be read is said with the way on, and what was read stays', async () => {
  const { page, go, leave } = await visit(browser, house);
  await page.route('**/api/v1/backups', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ code: 'internal', status: 500, title: '', detail: 'x' }) }));
  await page.goto(`${house.url}/backups`);
  await text(page, 'The backups cannot be shown.');
  await press(page, 'Make one now');
  await text(page, 'No backup was begun.');
  await page.unroute('**/api/v1/backups');
  await press(page, 'Try again');
  await page.getByRole('row', { name: /Verified/ }).waitFor();
  await leave([/500/]);
});

it('a night that failed is told, whatever failed after it', async () => {
  const { page, go, leave } = await visit(browser, house);
  const at = new Date(Date.now() + 60_000).toISOString();
  const job = (id, kind, state, last_error) => ({ ...{ id, kind, state, last_error }, queue: 'backup', args: {}, attempt: 3, max_attempts: 3, created_at: at, ended_at: at });
  const all = [job(9, 'backup.verify', 'failed', 'not here'), job(8, 'backup', 'set_aside', 'its worker was killed each time')];
  await page.route('**/api/v1/jobs?*', (route) => {
    const query = Object.fromEntries(new URL(route.request().url()).searchParams);
    const fits = all.filter(({ kind, queue, state }) => (query.kind ?? kind) === kind && (query.queue ?? queue) === queue && query.state.split(',').includes(state));
    return route.fulfill({ json: { items: fits.slice(0, Number(query.limit)), next_cursor: null } });
  });
  await go('/backups');
  await text(page, 'The last one failed');
  await text(page, 'its worker was killed each time');
  await leave();
});

it('nobody but administrators sees backups', async () => {
  const watched = await startConsole(dabir, { user: { name: 'operator', role: 'operator' } });
  const { page, go, leave } = await visit(browser, watched);
  await go('/backups');
  await text(page, 'This is for administrators');
  assert.equal(await page.getByRole('button', { name: 'Make one now' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Backups' }).count(), 0);
  await leave();
  watched.close();
});
