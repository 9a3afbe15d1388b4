// What operators do with clients, against the real server.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { crowd, furnishClients, happen, PHOTOS, portrait, until } from './clients.mjs';
import { browser, dabir, house, openHouse, own, scrollDownTo, signIn, startConsole, visit } from './rig.mjs';

openHouse(() => furnishClients(dabir), PHOTOS);

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const client = (username) => dabir.api('GET', `/clients/${encodeURIComponent(username)}`);
const order = (username, what, body) => dabir.api('POST', `/clients/${encodeURIComponent(username)}/${what}`, body);
const file = (name, words) => ({ name, mimeType: name.endsWith('.csv') ? 'text/csv' : 'application/json', buffer: Buffer.from(words) });

it('a client is added by keyboard alone; a name that is taken or none stands there with what was typed', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients');
  await page.getByRole('link', { name: 'Add a client' }).focus();
  await page.keyboard.press('Enter');
  const field = page.getByRole('textbox', { name: 'Username' });
  await field.waitFor();
  await page.keyboard.type('a/b');
  await page.keyboard.press('Enter');
  await text(page, /none of them a slash/);
  assert.equal(await field.inputValue(), 'a/b');
  await field.fill('ali');
  await page.keyboard.press('Enter');
  await text(page, 'Somebody of this name is on the list already.');
  await field.fill('hoda');
  await page.keyboard.press('Tab');
  await page.keyboard.type('هدی امینی');
  await page.keyboard.press('Enter');
  await press(page, 'Show');
  await heading(page, /هدی امینی/);
  assert.equal((await client('hoda')).name, 'هدی امینی');
  await leave([/422/, /409/]);
});

it('somebody is found however their name is spelt, and by state', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/clients');
  await page.getByRole('searchbox').fill('کریمی');
  await page.getByRole('link', { name: 'مینا كريمي' }).waitFor();
  await page.getByRole('link', { name: 'علی رضایی' }).waitFor({ state: 'detached' });
  assert.match(page.url(), /q=/);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('radio', { name: /^مسدود ۲/ }).click();
  await page.getByRole('link', { name: 'a stranger' }).waitFor();
  assert.equal(await page.getByRole('row').count(), 3);
  await leave();
});

it('a client is paused for a day with a reason, resumed, and paused again by undo', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/clients/ali');
  await press(page, 'توقف…');
  await page.getByRole('textbox', { name: 'دلیل' }).fill('صدای کارگاه');
  await page.getByRole('radio', { name: 'یک روز' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'متوقف شود' }).click();
  await heading(page, /علی رضایی\s*متوقف/);
  const { reason, until: end } = await client('ali');
  assert.equal(reason, 'صدای کارگاه');
  assert.ok(Math.abs(Date.parse(end) - Date.now() - 86_400_000) < 60_000);
  await text(page, 'فقط شنونده است.');
  await press(page, 'ادامه');
  await heading(page, /علی رضایی\s*متصل/);
  await page.getByRole('alertdialog', { name: /دوباره می‌تواند/ }).getByRole('button', { name: 'برگرداندن' }).click();
  await heading(page, /علی رضایی\s*متوقف/);
  assert.deepEqual([(await client('ali')).reason, (await client('ali')).until], [reason, end]);
  await order('ali', 'resume');
  await heading(page, /علی رضایی\s*متصل/);
  await leave();
});

it('many are blocked at once and unblocked by undo; whoever was blocked before keeps their own reason', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients');
  for (const name of ['علی رضایی', 'مینا كريمي', 'رضا موسوی']) {
    const box = row(page, name).getByRole('checkbox');
    // What can be done with those that are chosen lies over the end of the window.
    await box.evaluate((box) => box.scrollIntoView({ block: 'center' }));
    await box.click({ force: true });
  }
  await text(page, '3 chosen');
  await press(page, 'Block…');
  await page.getByRole('textbox', { name: 'Why' }).fill('the exam is over');
  await page.keyboard.press('Enter');
  await text(page, '3 clients are blocked.');
  assert.equal((await client('reza')).reason, 'the exam is over');
  await page.getByText('3 chosen').waitFor({ state: 'detached' });
  await row(page, 'علی رضایی').getByText('Blocked').waitFor();
  await press(page, 'Undo');
  await row(page, 'علی رضایی').getByText('Connected').waitFor();
  assert.equal((await client('ali')).blocked, false);
  await until(async () => /^عکس/.test((await client('reza')).reason));
  assert.equal((await client('mina')).blocked, false);
  await leave();
});

it('rows are chosen, paused and blocked by letters on the keyboard alone', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients');
  await page.getByRole('link', { name: 'ندا محمدی' }).focus();
  await page.keyboard.press('p');
  await page.getByRole('textbox', { name: 'Why' }).waitFor();
  await page.keyboard.type('for a word');
  await page.keyboard.press('Enter');
  await row(page, 'ندا محمدی').getByText('Paused').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'ندا محمدی' }).focus();
  await page.keyboard.press('p');
  await row(page, 'ندا محمدی').getByText('Not connected').waitFor();
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('x');
  await text(page, '2 chosen');
  await leave();
});

it('of two at once one wins, and the other reads what was done', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients/mina');
  await press(page, 'Pause…');
  await page.getByRole('textbox', { name: 'Why' }).fill('later');
  await order('mina', 'pause', { reason: 'the other was faster' });
  await page.keyboard.press('Enter');
  await text(page, /was changed by somebody else meanwhile/);
  await text(page, /Paused\s*.*the other was faster/s);
  assert.equal((await client('mina')).reason, 'the other was faster');
  await order('mina', 'resume');
  await leave([/409/]);
});

it('what others do is seen at once in the list, on the page and on the board', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients?state=paused');
  await page.getByRole('link', { name: 'Sara Ahmadi' }).waitFor();
  const began = Date.now();
  await order('neda', 'pause', { reason: 'live' });
  await page.getByRole('link', { name: 'ندا محمدی' }).waitFor();
  console.log(`# a change of another session is in the list after ${Date.now() - began} ms`);
  await page.getByRole('radio', { name: /^Paused 2/ }).waitFor();
  await order('neda', 'resume');
  await page.getByRole('link', { name: 'ندا محمدی' }).waitFor({ state: 'detached' });
  await go('/clients?view=board');
  const column = (name) => page.getByRole('region', { name, exact: true });
  await column('Not connected').getByRole('link', { name: 'ندا محمدی' }).waitFor();
  await happen(dabir, [['neda', 'joined', 'class 12', 0]]);
  await column('Connected').getByRole('listitem').first().getByRole('link', { name: 'ندا محمدی' }).waitFor();
  await order('neda', 'block', { reason: 'out' });
  await column('Blocked').getByRole('listitem').first().getByRole('link', { name: 'ندا محمدی' }).waitFor();
  assert.equal(await column('Connected').getByRole('link', { name: 'ندا محمدی' }).count(), 0);
  await go('/clients/neda');
  await heading(page, /Blocked/);
  await order('neda', 'unblock');
  await heading(page, /Connected/);
  await page.getByRole('row', { name: /Unblocked/ }).waitFor();
  await leave();
});

it('a file is looked at before it is imported: what would change, and which line is wrong', async () => {
  // By the cookie of an operator, as browsers do it.
  const hoda = await dabir.addPerson('Hoda', 'operator');
  const { page, go, leave } = await own(hoda);
  await go('/clients?make=import');
  const choose = page.locator('input[type=file]');
  await choose.setInputFiles(file('notes.csv', 'name,room\nali,board\n'));
  await text(page, 'It is not what a file of clients looks like.');
  await choose.setInputFiles(file('class.csv', '\ufeffusername;name\r\nomid;امید صادقی\r\nbad/name;x\r\nali;علی رضایی زاده\r\n'));
  await text(page, '1 new, 1 changed, 0 as they are, 1 wrong');
  await text(page, 'line 3');
  await text(page, 'علی رضایی زاده');
  assert.equal((await client('ali')).name, 'علی رضایی');
  await press(page, 'Import 2 clients');
  await text(page, '2 clients are imported.');
  await page.getByRole('link', { name: 'امید صادقی' }).waitFor();
  assert.equal((await client('ali')).name, 'علی رضایی زاده');
  await leave([/422/]);
});

it('who has a photo is shown with it, who has none with letters, and another photo comes by itself', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients');
  const shown = (image) => image.evaluate((image) => image.complete && [image.naturalWidth, image.naturalHeight]);
  const image = row(page, 'Sara Ahmadi').locator('img');
  await until(async () => (await shown(image))?.[0] > 0);
  assert.deepEqual(await shown(image), [120, 160]);
  assert.match(await row(page, 'رضا موسوی').innerText(), /^ر\u202fم/);
  assert.equal(await row(page, 'رضا موسوی').locator('img').count(), 0);
  await go('/clients/sara');
  const large = page.getByRole('img', { name: /Photo of .*Sara Ahmadi/ });
  await until(async () => (await shown(large))?.[0] === 120);
  await writeFile(join(dabir.photos, 'sara.png'), portrait(90, 90, 90, [100, 100]));
  await writeFile(join(dabir.photos, 'new.png'), portrait(0, 0, 0));
  await until(async () => (await shown(large))?.[0] === 100);
  await leave();
});

it('what could not be taken leads to a list of it, live: what, where, why, since when and what to do', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/');
  await text(page, '1 thing in the files, in Redis or in the folder of clients could not be taken.');
  await page.getByRole('link', { name: 'Show them' }).click();
  const table = page.getByRole('table', { name: 'What could not be taken' });
  await table.getByRole('row', { name: /This name or photo cannot be used.*The picture is damaged.*reza\.png.*16 to 10,000 pixels/s }).waitFor();
  const list = join(dabir.data, 'Server_Data/pause_clients.json');
  const whole = await readFile(list, 'utf8');
  await writeFile(list, '{"clients": [');
  const broken = table.getByRole('row', { name: /This file cannot be read or written.*It is not in the form.*pause_clients\.json/s });
  await broken.waitFor();
  await writeFile(list, whole);
  await broken.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'List', exact: true }).click();
  await page.getByRole('note').getByText(/^1 thing/).waitFor();
  await leave();
});

it('of what one is told goes with the account; who is lost is said on every page, many as one', async () => {
  const lena = await dabir.addPerson('Lena', 'operator');
  const theirs = await startConsole(dabir, { user: lena, byCookie: true });
  const [here, there] = [await visit(browser, theirs), await visit(browser, theirs)];
  for (const { page } of [here, there]) await signIn(page, theirs, lena);
  await here.go('/account');
  const box = (page, name) => page.getByRole('checkbox', { name });
  assert.deepEqual(await Promise.all([/blocks/, /at once/, /^A client loses/].map((name) => box(here.page, name).isChecked())), [true, true, false]);
  const kept = here.page.waitForResponse((answer) => answer.request().method() === 'PATCH');
  await box(here.page, /^A client loses/).click({ force: true });
  await kept;
  await there.go('/account');
  assert.ok(await box(there.page, /^A client loses/).isChecked());
  await there.go('/ports');
  await happen(dabir, [['neda', 'lost', 'class 12', 0]]);
  const said = (words) => there.page.getByRole('alertdialog', { name: words });
  await said(/neda.* lost the connection.*class 12/s).waitFor();
  await happen(dabir, ['ali', 'mina', 'sara', 'reza', 'neda'].map((name) => [name, 'lost', 'class 12', 0]));
  await said(/5 clients lost the connection/).getByRole('button', { name: 'Show' }).click();
  await heading(there.page, 'Clients');
  assert.match(there.page.url(), /state=connection_error/);
  await happen(dabir, ['ali', 'mina', 'sara', 'reza', 'neda'].map((name) => [name, 'joined', 'class 12', 0]));
  await here.leave();
  await there.leave();
  theirs.close();
});

it('a full room lets somebody wait, and whoever waits gets the seat that is freed', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/clients?view=seats');
  await row(page, 'class 12').or(page.getByRole('row', { name: /class 12/ })).getByText('3 of 3').waitFor();
  await page.getByRole('row', { name: /class 12/ }).getByRole('button').click();
  await text(page, 'Waiting, in their turn');
  await page.getByRole('button', { name: /^Take the seat of .*sara/ }).click();
  await page.getByText('Waiting, in their turn').waitFor({ state: 'detached' });
  assert.equal((await client('neda')).room, 'class 12');
  await page.getByRole('textbox', { name: 'Room for how many' }).fill('۴');
  await press(page, 'Save');
  await text(page, '3 of 4');
  await leave();
});

it('how many were connected stands there by day, and is saved as a table', async () => {
  const { page, go, leave } = await visit(browser, house, { lang: 'fa' });
  await go('/clients?view=figures&period=week');
  assert.equal(await page.getByRole('table', { name: 'به تفکیک زمان' }).getByRole('row').count(), 8);
  await page.getByRole('radio', { name: '۲۴ ساعت' }).click();
  await page.getByRole('heading', { name: 'به تفکیک ساعت' }).waitFor();
  const saved = page.waitForEvent('download');
  await press(page, 'ذخیره به شکل CSV');
  const text = await readFile(await (await saved).path(), 'utf8');
  assert.match(text, /^\ufeffday,date,hour,room,/);
  await leave();
});

it('an auditor sees everything and orders nothing', async () => {
  const watched = await startConsole(dabir, { user: { name: 'auditor', role: 'auditor' } });
  const { page, go, leave } = await visit(browser, watched);
  for (const path of ['/clients?make=client', '/clients/reza', '/clients?view=board', '/clients?view=seats', '/clients?view=figures']) {
    await go(path);
    assert.deepEqual(await page.getByRole('button', { name: /^(Pause|Resume|Block|Unblock|Disconnect|Give|More)/ }).all(), []);
    assert.equal(await page.getByRole('checkbox').count(), 0);
    assert.equal(await page.getByRole('dialog').count(), 0);
  }
  await leave();
  watched.close();
});

it('a hundred thousand clients are read as they are scrolled to, a few rows at a time, and so is the board', async () => {
  const COUNT = 100_000;
  const { page, go, leave } = await visit(browser, house);
  await crowd(dabir, COUNT);
  const began = Date.now();
  await page.goto(`${house.url}/clients?q=desk`);
  const table = page.getByRole('table', { name: 'Clients' });
  await table.getByRole('link', { name: 'میز 0', exact: true }).waitFor();
  console.log(`# the first rows of ${COUNT} clients: ${Date.now() - began} ms`);
  for (const rows of [199, 399, 799]) await scrollDownTo(page, `میز ${rows}`);
  assert.ok((await page.getByRole('row').count()) < 200);
  await order('desk 000790', 'block', { reason: 'far down' });
  await table.getByText('far down').waitFor();
  await go('/clients?view=board');
  assert.ok((await page.getByRole('listitem').count()) < 300);
  await leave();
});
