// What operators do, from end to end, against the real server.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, dabir, house, openHouse, scrollDownTo, signIn, startConsole, visit } from './rig.mjs';

openHouse();

const text = (page, words) => page.getByText(words).first().waitFor();

it('sample data comes with one click and goes with one, and what happened is known after a reload', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/');
  await page.getByRole('button', { name: 'با دادهٔ نمونه بیازمایید' }).click();
  await page.getByRole('row', { name: /جلسهٔ هفتگی گروه ریاضی/ }).waitFor();
  await page.reload();
  await page.getByRole('listitem').filter({ hasText: /جلسهٔ هفتگی گروه ریاضی:\s*در جریان/ }).waitFor();
  await page.getByRole('button', { name: 'پاک کردن دادهٔ نمونه' }).click();
  await page.getByRole('row', { name: /جلسهٔ هفتگی/ }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'با دادهٔ نمونه بیازمایید' }).waitFor();
  assert.deepEqual((await dabir.api('GET', '/meetings')).items, []);
  await leave();
});

it('a first meeting is live after one click, a name and Enter', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/');
  await page.getByRole('link', { name: 'New meeting' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).waitFor();
  await page.keyboard.type('Sprint Planning');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /Sprint Planning\s*Live/ }).waitFor();
  await text(page, 'The meeting is made and its link copied.');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/j\/\w+$/);
  await page.getByRole('img', { name: 'The link as a QR code' }).waitFor();
  await leave();
});

it('what others do is seen at once, without a reload', async () => {
  const { page, go, leave } = await visit(browser, house);
  const meeting = await dabir.runningMeeting('Watched');
  await go('/');
  await text(page, 'Watched');
  const { port } = await dabir.api('POST', '/port/pick', { owner: 'somebody else' });
  await text(page, `Port ${port} went to somebody else`);
  await dabir.api('POST', `/meetings/${meeting.id}/stop`);
  await page.getByRole('listitem').filter({ hasText: /Watched:\s*Ended/ }).waitFor();
  await page.getByRole('row', { name: /Watched/ }).waitFor({ state: 'detached' });
  await leave();
});

it('an end can be taken back, and comes when it is not', async () => {
  const { page, go, leave } = await visit(browser, house);
  const { id } = await dabir.runningMeeting('Nearly over');
  await go(`/meetings/${id}`);
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await text(page, 'Ending');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'End', exact: true }).waitFor();
  assert.equal((await dabir.api('GET', `/meetings/${id}`)).state, 'running');
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('heading', { name: /Nearly over\s*Ended/ }).waitFor();
  await page.getByRole('button', { name: 'Start now' }).click();
  await page.getByRole('heading', { name: /Nearly over\s*Live/ }).waitFor();
  await leave();
});

it('an end that waits comes when the page goes', async () => {
  const { page, go, leave } = await visit(browser, house);
  const { id } = await dabir.runningMeeting('Left behind');
  await go(`/meetings/${id}`);
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await text(page, 'Ending');
  await page.goto('about:blank');
  while ((await dabir.api('GET', `/meetings/${id}`)).state !== 'ended') await new Promise((resolve) => setTimeout(resolve, 50));
  await leave();
});

it('more time can be given, and taken back', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  const { id, end_time } = await dabir.runningMeeting('دفاع پایان‌نامه');
  await go(`/meetings/${id}`);
  await page.getByRole('button', { name: 'بیشتر' }).click();
  await page.getByRole('menuitem', { name: '۳۰ دقیقه بیشتر' }).click();
  await text(page, /۳۰ دقیقه بیشتر طول می‌کشد/);
  const longer = (await dabir.api('GET', `/meetings/${id}`)).end_time;
  assert.equal(Date.parse(longer) - Date.parse(end_time), 30 * 60_000);
  await page.getByRole('button', { name: 'برگرداندن' }).click();
  while ((await dabir.api('GET', `/meetings/${id}`)).end_time !== end_time) await new Promise((resolve) => setTimeout(resolve, 50));
  await leave();
});

it('a broken line is said, and mends itself', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/');
  house.cut();
  await text(page, /Reconnecting since/);
  await page.locator('[role=status] [data-tone=live]').waitFor();
  const { port } = await dabir.api('POST', '/port/pick', { owner: 'after the cut' });
  await text(page, `Port ${port} went to after the cut`);
  await leave([/ERR_/]);
});

it('ports are looked up in any digits, picked, and given back', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/ports');
  await page.getByRole('textbox', { name: 'جست‌وجوی پورت' }).fill('۴٠0۱');
  await page.keyboard.press('Enter');
  await text(page, '4001');
  assert.match(page.url(), /port=4001/);
  await page.getByRole('button', { name: 'گرفتن پورت' }).click();
  await page.getByRole('textbox', { name: 'برای چه کسی' }).fill('کارگر ۱');
  await page.keyboard.press('Enter');
  const row = page.getByRole('row').filter({ hasText: 'کارگر ۱' });
  await row.getByText('4001').waitFor();
  await row.getByRole('button', { name: 'آزاد کردن پورت 4001' }).click();
  await page.getByRole('alertdialog').filter({ hasText: 'آزاد می‌شود' }).getByRole('button', { name: 'بستن' }).click();
  await row.waitFor({ state: 'detached' });
  await leave();
});

it('a backup is restored only when its name is typed', async () => {
  const { page, go, leave } = await visit(browser, house);
  await dabir.api('POST', '/port/pick');
  await go('/ports');
  const newest = page.getByRole('button', { name: /^Restore dynamic_ports_.*…$/ }).first();
  const name = /dynamic_ports_\w+\.json/.exec(await newest.getAttribute('aria-label'))[0];
  // By its name: a newer one may be written meanwhile.
  await page.getByRole('button', { name: `Restore ${name}…`, exact: true }).click();
  const sure = page.getByRole('button', { name: 'Restore', exact: true });
  assert.ok(await sure.isDisabled());
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await text(page, /The ports are as/);
  await leave();
});

it('the palette opens on a Persian keyboard and goes where it is told', async () => {
  const { page, go, leave } = await visit(browser, house);
  await dabir.runningMeeting('شورای آموزشی');
  await go('/');
  await page.evaluate(() => window.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyK', key: 'ن', ctrlKey: true, cancelable: true })));
  await page.getByRole('searchbox').or(page.getByRole('textbox', { name: 'Search or run a command' })).first().waitFor();
  await page.keyboard.type('شوراي اموزشي');
  await page.getByRole('menuitem', { name: 'شورای آموزشی' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /شورای آموزشی/ }).waitFor();
  await leave();
});

it('the language changes in place, for React Aria too, and is remembered', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/meetings?state=running');
  await page.getByRole('button', { name: /^Your account/ }).click();
  await page.getByRole('menuitem', { name: 'Language and appearance' }).click();
  await page.getByRole('radio', { name: 'فارسی' }).click();
  await page.getByRole('dialog').getByRole('heading', { name: 'زبان و ظاهر' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
  await page.keyboard.press('Escape');
  assert.match(page.url(), /state=running/);
  await page.getByRole('spinbutton', { name: /سال/ }).first().waitFor();
  await go('/meetings');
  await page.getByRole('heading', { name: 'جلسه‌ها' }).waitFor();
  await leave();
});

it('a date takes Persian digits, also in English, and reaches the server as it was meant', async () => {
  const { page, go, leave } = await visit(browser, house, { timezoneId: 'Asia/Tehran' });
  await go('/?new=meeting');
  await page.getByRole('textbox', { name: 'Name' }).fill('Later');
  await page.getByRole('radio', { name: 'Later' }).click();
  await page.getByRole('spinbutton', { name: /^day/ }).click();
  await page.keyboard.insertText('۲');
  await page.keyboard.insertText('۱');
  for (const digit of '۰۳') await page.keyboard.insertText(digit);
  for (const digit of '٢٠٣٠') await page.keyboard.insertText(digit);
  for (const digit of '1630') await page.keyboard.insertText(digit);
  await page.getByRole('button', { name: 'Make', exact: true }).click();
  await page.getByRole('heading', { name: /Later\s*Scheduled/ }).waitFor();
  const { items } = await dabir.api('GET', '/meetings?state=scheduled');
  assert.equal(items.find(({ name }) => name === 'Later').date_time, '2030-03-21T13:00:00Z');
  await leave();
});

it('a date that is typed stands as Persian writes it: the day before the time, each from left to right', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/?new=meeting');
  await page.getByRole('radio', { name: 'بعداً' }).click();
  await page.getByRole('spinbutton').first().waitFor();
  const parts = await page.getByRole('spinbutton').evaluateAll((all) => all.map((one) => [one.dataset.type, one.getBoundingClientRect().x]));
  assert.deepEqual(parts.sort(([, a], [, b]) => a - b).map(([type]) => type), ['hour', 'minute', 'year', 'month', 'day']);
  await leave();
});

it('an auditor sees everything and changes nothing', async () => {
  const watched = await startConsole(dabir, { user: { name: 'auditor', role: 'auditor' } });
  const { id } = await dabir.runningMeeting('Audited');
  const { page, go, leave } = await visit(browser, watched);
  for (const path of [`/meetings/${id}`, '/ports']) {
    await go(path);
    assert.deepEqual(await page.getByRole('button', { name: /^(End|Enter|Start|More|Pick|Release|Restore)/ }).all(), []);
    assert.equal(await page.getByRole('link', { name: 'New meeting' }).count(), 0);
  }
  await leave();
  watched.close();
});

it('a hundred thousand meetings are read as they are scrolled to, a few rows at a time', async () => {
  const { page, context, go, leave } = await visit(browser, house);
  const one = await dabir.runningMeeting('Row');
  const { totals } = await dabir.api('GET', '/meetings');
  const asked = [];
  await context.route(/\/api\/v1\/meetings\?limit=200/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    asked.push(from);
    const items = Array.from({ length: 200 }, (_, i) => ({ ...one, id: `m${from + i}`, name: `Meeting ${from + i}` }));
    const none = Object.fromEntries(Object.keys(totals).map((state) => [state, 0]));
    return route.fulfill({ json: { items, next_cursor: String(from + 200), totals: { ...none, running: 100_000 } } });
  });
  await go('/meetings');
  await text(page, 'Meeting 0');
  assert.deepEqual(asked, [0]);
  assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), '100001');
  for (const last of [199, 399, 599]) await scrollDownTo(page, `Meeting ${last}`);
  assert.ok((await page.getByRole('row').count()) < 100);
  await leave();
});

it('a session works by its cookie; when it is ended, that is said and one can come back', async () => {
  const sara = await dabir.addPerson('Sara', 'operator');
  const own = await startConsole(dabir, { user: sara, byCookie: true });
  const { page, go, leave } = await visit(browser, own);
  await signIn(page, own, sara);
  await go('/ports');
  await page.getByRole('button', { name: 'Pick a port' }).click();
  await page.getByRole('textbox', { name: 'For whom' }).press('Enter');
  await page.getByRole('row').filter({ hasText: 'Sara' }).waitFor();
  await dabir.api('POST', `/users/${sara.id}/sign-out`);
  const box = page.getByRole('dialog').filter({ hasText: 'You are signed out' });
  await box.waitFor();
  const beside = await page.context().newPage();
  await signIn(beside, own, sara);
  await box.getByRole('button', { name: 'Go on' }).click();
  await page.locator('[role=status] [data-tone=live]').waitFor();
  await box.waitFor({ state: 'detached' });
  await leave([/401/]);
  own.close();
});
