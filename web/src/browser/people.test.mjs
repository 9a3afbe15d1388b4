// What administrators do with people, settings and the audit, and what people do with their own account; by mouse, and
// the main way by keyboard alone.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it } from 'node:test';
import { browser, dabir, house, openHouse, own, scrollDownTo, signIn, startConsole, visit } from './rig.mjs';

openHouse();

const text = (page, words) => page.getByText(words).first().waitFor();
const field = (page, name) => page.getByRole('textbox', { name, exact: true });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

/** Somebody with an account of their own, signed in before a console of theirs. */
async function newcomer(name, role, options) {
  const person = await dabir.addPerson(name, role);
  return { ...(await own(person, options)), person };
}

it('somebody is invited, comes in with the link, gets another role, and is out within a second', async () => {
  const admin = await visit(browser, house);
  await admin.go('/users');
  await admin.page.getByRole('link', { name: 'Invite somebody' }).click();
  await field(admin.page, 'Name').fill('Reza');
  await field(admin.page, 'E-mail address').fill('reza@example.org');
  await admin.page.getByRole('button', { name: /Role/ }).last().click();
  await admin.page.getByRole('option', { name: 'Operator' }).click();
  await press(admin.page, 'Make the link');
  await admin.page.getByRole('img', { name: 'The link as a QR code' }).waitFor();
  await text(admin.page, /It works once, until/);
  await press(admin.page, 'Copy');
  const link = await admin.page.evaluate(() => navigator.clipboard.readText());
  await press(admin.page, 'Done');
  await admin.page.getByRole('row', { name: /Reza.*Invited/ }).waitFor();

  const theirs = await startConsole(dabir, { user: { name: 'Reza', role: 'operator' }, byCookie: true });
  const reza = await visit(browser, theirs);
  await reza.page.goto(link);
  await reza.page.locator('input[type=password]').fill('a long enough password');
  await reza.page.keyboard.press('Enter');
  await reza.page.waitForURL((url) => !url.pathname.startsWith('/start/'));
  await reza.go('/ports');
  await reza.page.getByRole('button', { name: 'Pick a port' }).waitFor();

  await admin.page.getByRole('row', { name: /Reza/ }).getByRole('link').click();
  const panel = admin.page.getByRole('dialog', { name: 'Reza' });
  await panel.getByText(/Chrome.* on .*Linux/).waitFor();
  await panel.getByRole('button', { name: /Role/ }).click();
  await admin.page.getByRole('option', { name: 'Auditor' }).click();
  const changed = admin.page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await press(admin.page, 'Give this role');
  await changed;
  const since = Date.now();
  await reza.page.getByRole('dialog').filter({ hasText: 'You are signed out' }).waitFor();
  assert.ok(Date.now() - since < 1_000, `it took ${Date.now() - since} ms`);
  await text(admin.page, /Reza.* is Auditor now/);
  await panel.getByText('nobody is signed in').waitFor();
  await reza.leave([/401/, new RegExp(dabir.url)]);
  await admin.leave();
  theirs.close();
});

it('what others do to people is seen at once, and stands in the audit that one reads', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/users');
  const { id } = await dabir.addPerson('Babak', 'writer');
  await page.getByRole('row', { name: /Babak.*Active/ }).waitFor();
  await dabir.api('POST', `/users/${id}/block`, { reason: 'on leave' });
  await page.getByRole('row', { name: /Babak.*Blocked/ }).waitFor();
  await go(`/audit?kind=user&id=${id}`);
  await page.getByRole('row', { name: /Kept out/ }).waitFor();
  await dabir.api('POST', `/users/${id}/unblock`);
  await page.getByRole('row', { name: /Let in again/ }).waitFor();
  await leave();
});

it('somebody is kept out with a reason, let in again, and deleted when their name is typed', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  const mina = await dabir.addPerson('Mina', 'writer');
  await go(`/users?user=${mina.id}`);
  await press(page, 'مسدود کردن…');
  await field(page, 'دلیل').fill('پایان همکاری');
  await page.keyboard.press('Enter');
  await text(page, /پایان همکاری/);
  await press(page, 'رفع مسدودی');
  await page.getByRole('dialog', { name: 'Mina' }).getByText('فعال').waitFor();
  await press(page, 'حذف حساب…');
  await page.keyboard.type('Mina');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /Mina/ }).waitFor({ state: 'detached' });
  await leave();
});

it('the last administrator stays, and it is said why', async () => {
  const { page, person, go, leave } = await newcomer('Only', 'admin');
  await go(`/users?user=${person.id}`);
  await text(page, /This is you/);
  await press(page, 'Delete the account…');
  await page.keyboard.type('Only');
  await page.keyboard.press('Enter');
  await text(page, /Make somebody else an administrator first/);
  await leave([/409/]);
  await dabir.api('PATCH', `/users/${person.id}`, { role: 'operator' }).catch(() => undefined);
});

it('a token is made, works for a program until it is revoked, and the audit tells of it', async () => {
  const { page, go, leave } = await newcomer('Tara', 'admin');
  await go('/account');
  await press(page, 'New token');
  await field(page, 'What it is for').fill('nightly backup');
  await press(page, 'Make');
  const secret = await page.getByText(/^dabir_\w+$/).textContent();
  await press(page, 'I have kept it');
  const ask = () => fetch(`${dabir.url}/api/v1/meetings`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await ask()).status, 200);
  await page.getByRole('button', { name: /^Revoke the token/ }).click();
  await page.getByRole('alertdialog').filter({ hasText: 'is revoked in a moment' }).getByRole('button', { name: 'Close' }).click();
  await text(page, 'There is none: no program acts for this account.');
  assert.equal((await ask()).status, 401);

  await go('/audit');
  await text(page, /Whole: .* entries/);
  await page.getByRole('row', { name: /Tara.*Token revoked.*nightly backup/ }).getByRole('button').click();
  const panel = page.getByRole('dialog', { name: 'Token revoked' });
  await panel.getByRole('row', { name: /May do.*read/ }).waitFor();
  await panel.getByRole('button', { name: 'All about this' }).click();
  await page.getByRole('row', { name: /Token made/ }).waitFor();
  assert.equal(await page.getByRole('row').count(), 3);
  assert.match(page.url(), /kind=token/);
  const saved = page.waitForEvent('download');
  await press(page, 'Save what is shown as a file');
  await page.getByRole('menuitem', { name: /CSV/ }).click();
  assert.equal((await saved).suggestedFilename(), 'audit.csv');
  await leave();
});

it('settings are changed together, in Persian digits, after a look; refused where they are wrong; and taken back', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  const held = async (key) => (await dabir.api('GET', '/settings')).items.find((setting) => setting.key === key);
  const save = async () => {
    await press(page, 'بازبینی و ذخیره…');
    await page.getByRole('dialog').getByRole('button', { name: 'ذخیره' }).click();
  };
  await go('/settings');
  await field(page, 'پرسیدن از منبع، هر').fill('۱۲');
  await field(page, 'ظرفیت اتاق').fill('۰');
  await text(page, '۲ تغییر');
  await save();
  await text(page, /این مجاز نیست/);
  assert.ok(await isFocused(field(page, 'ظرفیت اتاق')));
  await field(page, 'ظرفیت اتاق').fill('۵۰');
  await save();
  await text(page, '۲ تنظیم عوض شد.');
  assert.deepEqual([(await held('meetings.poll_interval')).value, (await held('rooms.max_clients')).value], ['12s', 50]);
  await page.locator('[data-setting="rooms.max_clients"]').getByText('از همین‌جا').waitFor();
  await press(page, 'برگرداندن');
  await page.locator('[data-setting="rooms.max_clients"]').getByText('پیش‌فرض').waitFor();
  assert.equal((await held('rooms.max_clients')).value, 1000);
  await go('/audit?what=setting');
  await page.getByRole('row', { name: /rooms.max_clients/ }).first().waitFor();
  await leave([/422/]);
});

it('a password is changed, the second factor turned on and off, and other sessions are ended', async () => {
  const { page, context, person, go, leave } = await newcomer('Neda', 'operator');
  await go('/account');
  await page.getByLabel('Password until now').fill(person.credentials.password);
  await page.getByLabel('New password').fill('quite another password');
  await press(page, 'Change the password');
  await text(page, 'Your password is changed, and your other sessions have ended.');
  await page.locator('[role=status] [data-tone=live]').first().waitFor();

  await press(page, 'Turn it on…');
  await page.getByRole('img', { name: 'The second factor as a QR code' }).waitFor();
  const secret = await page.locator('bdi').filter({ hasText: /^[A-Z2-7]{16,}$/ }).textContent();
  await page.getByRole('textbox', { name: /six digits/ }).fill(persian(code(secret)));
  await press(page, 'Turn it on');
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save as a file' }).click();
  assert.equal((await saved).suggestedFilename(), 'dabir-recovery-codes.txt');
  await press(page, 'I have kept them');
  await press(page, 'Turn it off…');
  await page.getByRole('textbox', { name: 'Your password' }).fill('quite another password');
  await press(page, 'Turn it off');
  await text(page, 'The second factor is off; the password alone lets you in.');

  const other = await browser.newContext();
  await other.request.post(`${dabir.url}/api/v1/auth/login`, { data: { email: person.credentials.email, password: 'quite another password' } });
  await page.reload();
  await press(page, 'End all others');
  await text(page, 'Only this session is left.');
  await page.getByRole('button', { name: /^End it:/ }).waitFor({ state: 'detached' });
  await other.close();
  assert.ok((await context.cookies()).length > 0);
  await leave();
});

it('how somebody reads goes with them to another browser, and back', async () => {
  const first = await newcomer('Laleh', 'operator');
  await first.go('/account');
  await first.page.getByRole('radio', { name: 'فارسی' }).click();
  await first.page.getByRole('heading', { name: 'حساب من' }).waitFor();
  await first.page.getByRole('radio', { name: 'تیره' }).click();
  const kept = () => dabir.api('GET', `/users/${first.person.id}`);
  while ((await kept()).preferences.theme !== 'dark') await new Promise((resolve) => setTimeout(resolve, 50));
  const theirs = await startConsole(dabir, { user: first.person, byCookie: true });
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await signIn(page, theirs, first.person);
  await page.goto(`${theirs.url}/account`);
  await page.getByRole('heading', { name: 'حساب من' }).waitFor();
  await page.locator('html[data-theme=dark]').waitFor();
  await page.getByRole('radio', { name: 'روشن' }).click();
  while ((await kept()).preferences.theme !== 'light') await new Promise((resolve) => setTimeout(resolve, 50));
  await first.page.reload();
  await first.page.locator('html[data-theme=light]').waitFor();
  assert.equal((await kept()).preferences.theme, 'light');
  await context.close();
  theirs.close();
  await first.leave();
});

it('a hundred thousand changes are a few rows at a time', async () => {
  const { page, context, go, leave } = await visit(browser, house);
  const { items: [one] } = await dabir.api('GET', '/audit?limit=1');
  const SIZE = 10_000;
  await context.route(/\/api\/v1\/audit\?/, (route) => {
    const newest = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 100_001) - 1;
    const items = Array.from({ length: SIZE }, (_, i) => ({ ...one, seq: newest - i, target_name: `Thing ${newest - i}` }));
    const next = newest - SIZE;
    route.fulfill({ json: { items, next_cursor: next > 0 ? String(next + 1) : null } });
  });
  await go('/audit');
  await text(page, 'Thing 100000');
  await scrollDownTo(page, 'Thing 1');
  assert.ok((await page.getByRole('row').count()) < 100);
  await leave();
});

it('by keyboard alone: sign in, make a meeting, end it, restore a backup', async () => {
  const person = await dabir.addPerson('Kian', 'admin');
  await dabir.api('POST', '/port/pick');
  const theirs = await startConsole(dabir, { user: person, byCookie: true });
  const { page, go, leave } = await visit(browser, theirs);
  await page.goto(dabir.url);
  await reach(page, page.locator('input[name=email]'));
  await page.keyboard.type(person.credentials.email);
  await reach(page, page.locator('input[name=password]'));
  await page.keyboard.type(person.credentials.password);
  await page.keyboard.press('Enter');
  await page.locator('input[name=password]').waitFor({ state: 'detached' });

  await go('/');
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search or run a command' }).waitFor();
  await page.keyboard.type('new meeting');
  await page.getByRole('menuitem', { name: 'New meeting' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await field(page, 'Name').waitFor();
  await page.keyboard.type('By hand');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /By hand\s*Live/ }).waitFor();
  await reach(page, page.getByRole('button', { name: 'End', exact: true }));
  await page.keyboard.press('Enter');
  await reach(page, page.getByRole('alertdialog').filter({ hasText: 'ends in a moment' }).getByRole('button', { name: 'Close' }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /By hand\s*Ended/ }).waitFor();

  await reach(page, page.getByRole('link', { name: 'Ports' }));
  await page.keyboard.press('Enter');
  const newest = page.getByRole('button', { name: /^Restore dynamic_ports_.*…$/ }).first();
  const name = /dynamic_ports_\w+\.json/.exec(await newest.getAttribute('aria-label'))[0];
  // By its name: a newer one may be written meanwhile.
  const restore = page.getByRole('button', { name: `Restore ${name}…`, exact: true });
  await reach(page, restore);
  await page.keyboard.press('Enter');
  await page.getByRole('alertdialog').filter({ hasText: name }).waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await text(page, /The ports are as/);
  await leave([new RegExp(dabir.url)]);
  theirs.close();
});

it('by keyboard alone: the list of people, somebody beside it, and back to where one was', async () => {
  const { page, go, leave } = await visit(browser, house);
  await dabir.addPerson('Arash', 'writer');
  await dabir.addPerson('Bahar', 'writer');
  await go('/users?q=bahar');
  await reach(page, page.getByRole('link', { name: 'Bahar' }));
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Bahar' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(await isFocused(page.getByRole('link', { name: 'Bahar' })));
  await leave();
});

/** Goes on with Tab until the element has the focus. */
async function reach(page, element) {
  await element.first().waitFor();
  for (let presses = 0; presses < 150; presses += 1) {
    if (await isFocused(element.first())) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way leads to ${element}`);
}

const isFocused = (element) => element.evaluate((node) => node === document.activeElement);

/** What an authenticator shows now: RFC 6238, six digits, thirty seconds. */
function code(secret) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const moment = Buffer.alloc(8);
  moment.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(moment).digest();
  const place = mac.at(-1) & 15;
  return String((mac.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const persian = (digits) => digits.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[digit]);
