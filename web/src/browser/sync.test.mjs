// What operators do with sources of data and the people they bring, against the real server and a gateway.

import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { browser, dabir, house, openHouse, scrollDownTo, startConsole, visit } from './rig.mjs';
import { gate, LOGIN, pointedAt, startGateway, syncNow } from './sync.mjs';

let gateway;
before(async () => (gateway = await startGateway()));
after(() => gateway?.close());
openHouse();

const CALM = { rows: 8, broken: new Set(), nameless: 0, gone: 0, changed: 0, wait: null };
beforeEach(() => Object.assign(gateway.told, CALM));

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const field = (page, name) => page.getByRole('textbox', { name, exact: true });
/** Numbers in names are isolated from what stands around them. */
const cell = (page, campus, term, rest = '') => page.getByRole('button', { name: new RegExp(`^Campus \\S?${campus}\\S? and Term \\S?${term}\\S?: ${rest}`) });
const source = () => dabir.api('GET', '/sources/students');

it('a predefined source is given its login, tried, synced with a confirmation, and its grid fills', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/sync');
  await text(page, 'Faculty and students are set up; give each its login, try the connection, then sync.');
  await page.getByRole('listitem').filter({ hasText: 'Students' }).getByRole('link', { name: 'Give it a login…' }).click();
  await heading(page, /Students\s*Switched off/);
  await field(page, 'User name').fill(LOGIN.userName);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await field(page, 'Address').fill(`${gateway.url}/API/Golestan/Students_2`);
  await field(page, 'Address of the login').fill(`${gateway.url}/Login`);
  await field(page, 'Rows on a page').fill('۴');
  await press(page, 'Save and test');
  await text(page, 'It does not let us in. Look at the name and the password.');
  await text(page, /refuses the login with 401/);
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '********');
  await page.getByLabel('Password', { exact: true }).focus();
  await page.keyboard.type(LOGIN.password);
  await press(page, 'Save and test');
  await text(page, 'The first page came.');
  const table = page.getByRole('region', { name: 'The first rows' });
  await table.getByText('مریم').first().waitFor();
  await table.getByRole('columnheader', { name: 'studentnum integer' }).waitFor();
  const page_ = await page.content();
  assert.ok(!page_.includes(LOGIN.password) && !page_.includes('a-token-that-nobody'));
  assert.equal((await source()).page_size, 4);

  const { wait, open } = gate();
  gateway.told.wait = wait;
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await text(page, 'It was never synced');
  await press(page, /^Sync… /);
  await text(page, 'The gateway is asked for 2 campuses × 2 terms, 4 partitions in all, page by page.');
  await press(page, 'Sync now');
  await heading(page, /Students\s*Syncing/);
  await cell(page, 1100, 4001, '(Waiting|Running)').waitFor();
  open();
  await cell(page, 1101, 4002, 'Succeeded, 8 rows').waitFor();
  await heading(page, /Students\s*Switched off/);
  assert.equal((await source()).rows, 32);
  await leave([/422/]);
});

it('a campus that fails is told everywhere, and is tried again alone', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  gateway.told.broken = new Set(['1101']);
  const { page, go, leave } = await visit(browser, house);
  await go('/ports');
  const failed = await syncNow(dabir, 'students');
  assert.equal(failed.status, 'failed');
  await text(page, /The sync of .*Students.* failed\./);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Show' }).click();
  await heading(page, /Students\s*Last run failed/);
  await text(page, '2 partitions did not come; the others are up to date.');
  await cell(page, 1101, 4001, 'Failed').focus();
  await page.getByRole('region', { name: /1101.*4001/ }).getByText(/answered 400/).waitFor();
  await page.goto(house.url);
  await text(page, /The sync of Students failed\./);
  await page.getByRole('link', { name: 'See the sync' }).click();

  gateway.told.broken.clear();
  gateway.told.asked.length = 0;
  await press(page, 'Try these 2 partitions again');
  await cell(page, 1101, 4002, 'Succeeded, 8 rows').waitFor();
  await text(page, /The sync of .*Students.* works again\./);
  assert.ok(gateway.told.asked.length > 0 && gateway.told.asked.every((page) => page.startsWith('1101/')), String(gateway.told.asked));
  await leave();
});

it('the grid is walked with the arrows, as one reads', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  await syncNow(dabir, 'students');
  for (const [lang, onwards, first, next] of [
    ['en', 'ArrowRight', /1100.*4001/, /1100.*4002/],
    ['fa', 'ArrowLeft', /1100.*4001/, /1100.*4002/],
  ]) {
    const { page, go, leave } = await visit(browser, house, { lang });
    await go('/sync/students');
    await page.getByRole('button', { name: first }).focus();
    await page.keyboard.press(onwards);
    assert.match(await page.locator(':focus').getAttribute('aria-label'), next);
    await page.keyboard.press('ArrowDown');
    assert.match(await page.locator(':focus').getAttribute('aria-label'), /1101.*4002/);
    assert.equal(await page.locator('table button[tabindex="0"]').count(), 1);
    await leave();
  }
});

it('what a run changed stands in its history, and with the person', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  await syncNow(dabir, 'students');
  Object.assign(gateway.told, { changed: 1, gone: 1 });
  await syncNow(dabir, 'students');
  const { page, go, leave } = await visit(browser, house);
  await go('/sync/students?part=history');
  await page.getByRole('table', { name: 'History' }).getByText('0 new, 4 changed, 4 gone, 0 not taken').waitFor();
  await page.getByRole('row').nth(1).getByRole('link').click();
  const changes = page.getByRole('table', { name: 'Changes' });
  await changes.getByText('Gone').first().waitFor();
  await changes.getByRole('row').filter({ hasText: 'Changed' }).first().getByRole('button').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('تهران').waitFor();
  await dialog.getByText('شیراز').waitFor();
  await page.keyboard.press('Escape');
  await go('/directory/students/110040010007');
  await text(page, /Gone at the source since/);
  await go('/directory/students/110040010000');
  await page.getByRole('heading', { name: 'History' }).waitFor();
  await text(page, 'شیراز');
  await page.getByRole('link', { name: /^Run/ }).first().click();
  await heading(page, /Students/);
  await leave();
});

it('people are found however their names are spelt', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  await syncNow(dabir, 'students');
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/directory');
  const search = page.getByRole('searchbox');
  const rows = page.getByRole('table').getByRole('row');
  await search.fill('کیمیا');
  await page.getByText('كيميا').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('[role=row]').length === 5);
  await search.fill('كريمي ۱۱۰۱');
  await page.getByText('کریمی').first().waitFor();
  assert.ok((await rows.count()) > 1);
  await search.fill('هیچ‌کس');
  await text(page, 'کسی با این نام یا شماره نیست');
  await press(page, 'نمایش همه');
  await rows.nth(1).getByRole('link').click();
  await text(page, 'آنچه منبع می‌گوید');
  await leave();
});

it('rows in quarantine are read, tried again and let go', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  gateway.told.nameless = 2;
  await syncNow(dabir, 'students');
  const { page, go, leave } = await visit(browser, house);
  await go('/sync');
  await page.getByRole('link', { name: '8 rows are in quarantine' }).click();
  const table = page.getByRole('table', { name: 'Quarantine' });
  await table.getByRole('button').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/"studentnum": null/).waitFor();
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await text(page, '1 row still cannot be taken.');
  await press(page, 'Let all go…');
  await press(page, 'Let 8 rows go');
  await text(page, '8 rows are let go.');
  await text(page, 'No row is in quarantine');
  assert.equal((await source()).quarantined, 0);
  await leave();
});

it('many that vanish at once are marked once somebody says that it is right', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway, { page_size: 500 }));
  gateway.told.rows = 300;
  await syncNow(dabir, 'students');
  gateway.told.gone = 200;
  const run = await syncNow(dabir, 'students');
  assert.ok(run.held > 0, JSON.stringify(run));
  const { page, go, leave } = await visit(browser, house);
  await go('/sync/students');
  await text(page, `${run.held} rows are gone at the source, more than is usual at once.`);
  await press(page, 'It is right, mark them…');
  await press(page, `Mark ${run.held} rows as gone`);
  await text(page, `${run.held} rows are marked as gone.`);
  assert.equal((await dabir.api('GET', `/runs/${run.id}`)).held, 0);
  await leave();
});

it('a run is cancelled, and what a second one is refused for is said', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  const { wait, open } = gate();
  gateway.told.wait = wait;
  const { page, go, leave } = await visit(browser, house);
  await go('/sync/students');
  await press(page, /^Sync… /);
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
  await dabir.api('POST', '/sources/students/sync', { mode: 'full' });
  await press(page, 'Sync now');
  await text(page, /It is being synced already\./);
  await press(page, /^Cancel the sync/);
  await text(page, 'It was cancelled; what came before is kept.');
  open();
  await leave([/409/]);
});

it('a source is made, its refused fields say why, and it goes when its name is typed', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/sync?make=source');
  await field(page, 'نام منبع').fill('Staff List');
  await field(page, 'نشانی').fill('not an address');
  await page.getByRole('radio', { name: 'بدون ورود' }).click();
  await press(page, 'ساختن');
  await text(page, 'حرف کوچک لاتین، رقم، خط تیره و زیرخط بنویسید که با حرف یا رقم آغاز شود.');
  await text(page, /نشانی کاملی مانند/);
  assert.equal(await field(page, 'نشانی').inputValue(), 'not an address');
  await field(page, 'نام منبع').fill('staff');
  await field(page, 'نشانی').fill(`${gateway.url}/staff`);
  await field(page, 'جدولی که پر می‌شود').fill('staff');
  await field(page, 'فیلدهای کلید').fill('code');
  await press(page, 'ساختن');
  await heading(page, /staff/);
  assert.deepEqual((await dabir.api('GET', '/sources/staff')).key, ['code']);
  await press(page, 'حذف منبع…');
  await page.getByRole('alertdialog').getByRole('textbox').fill('staff');
  await press(page, 'حذف منبع');
  await text(page, /منبع .*staff.* حذف شد/);
  await heading(page, 'همگام‌سازی داده');
  await leave([/422/, /404/]);
});

it('everything is reached by keyboard alone', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway));
  const { page, go, leave } = await visit(browser, house);
  await go('/sync');
  await page.getByRole('button', { name: /^Sync… .*Students/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
  await page.keyboard.press('Enter');
  await text(page, /The sync of .*Students.* begins\./);
  await page.getByRole('link', { name: 'Students' }).focus();
  await page.keyboard.press('Enter');
  await cell(page, 1100, 4001, 'Succeeded, 8 rows').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('menuitem').first().waitFor();
  await page.keyboard.type('direc');
  await page.getByRole('menuitem', { name: 'Directory' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await heading(page, 'Directory');
  await leave();
});

it('who only looks sees everything and changes nothing', async () => {
  const watched = await startConsole(dabir, { user: { name: 'auditor', role: 'auditor' } });
  const { page, go, leave } = await visit(browser, watched);
  for (const path of ['/sync', '/sync?make=source', '/sync/students', '/sync/students?part=quarantine', '/sync/students?part=settings']) {
    await go(path);
    assert.deepEqual(await page.getByRole('button', { name: /^(Sync|Cancel|Try|Let|Test|Save|Make|It is right|Remove|Forget)/ }).all(), [], path);
    assert.equal(await page.getByRole('link', { name: /^(New source|Give)/ }).count(), 0);
  }
  assert.equal(await page.getByRole('switch', { disabled: false }).count(), 0);
  assert.ok(!(await page.content()).includes(LOGIN.password));
  await leave();
  watched.close();
});

it('a hundred thousand people are read as they are scrolled to, a few rows at a time', async () => {
  await dabir.api('PATCH', '/sources/students', pointedAt(gateway, { page_size: 5_000 }));
  gateway.told.rows = 25_000;
  const run = await syncNow(dabir, 'students');
  assert.equal(run.status, 'success', run.error_message);
  const { page, leave } = await visit(browser, house);
  const began = Date.now();
  await page.goto(`${house.url}/directory`);
  await page.getByRole('table', { name: 'Directory' }).getByRole('link').first().waitFor();
  console.log(`# the first rows of 100000 people: ${Date.now() - began} ms`);
  for (let pages = 1; pages < 4; pages++) {
    await scrollDownTo(page, `11004001${String(pages * 100 - 1).padStart(4, '0')}`);
  }
  assert.ok((await page.getByRole('row').count()) < 200);
  await leave();
});
