// What writers do with documents, against the real server.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from './clients.mjs';
import { browser, dabir, openHouse, own } from './rig.mjs';
import { endure } from './writing/endure.mjs';

const people = {};
openHouse(async () => {
  people.sara = await dabir.addPerson('سارا احمدی', 'writer', 'sara');
  people.nima = await dabir.addPerson('Nima', 'writer');
});

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const link = (page, title) => page.getByRole('link', { name: title, exact: true });
const paper = (page) => page.getByRole('textbox', { name: 'Text of the document' });
const saved = (page) => page.locator('[data-save=saved]').waitFor();
const side = (page, name) => page.getByRole('radio', { name, exact: true }).click();
const make = (body) => dabir.api('POST', '/documents', body);
const share = ({ id }, person, right = 'edit') => dabir.api('PUT', `/documents/${id}/access`, { grants: [{ grantee: `user:${person.id}`, right }] });
const inMenu = async (page, menu, item) => {
  await page.getByRole('button', { name: menu }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

/** Opens a document and waits until one can write in it. */
async function opened({ page, go }, { id }, search = '') {
  await go(`/documents/${id}${search}`);
  await paper(page).waitFor();
  await saved(page);
}

it('a document is begun, written, called otherwise, and is the same after the page was loaded anew', async () => {
  const sara = await own(people.sara);
  const { page } = sara;
  await sara.go('/documents');
  await page.getByRole('button', { name: 'New document' }).first().click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Minutes of Azar');
  await page.keyboard.press('Enter');
  await paper(page).click();
  await page.keyboard.type('# Beginning\nFirst words of it.');
  await saved(page);
  await page.getByRole('heading', { level: 1 }).getByRole('textbox', { name: 'Title' }).fill('Minutes of Dey');
  await page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
  await page.reload();
  await paper(page).getByText('First words of it.').waitFor();
  await page.getByRole('navigation', { name: 'Outline' }).getByRole('button', { name: 'Beginning' }).waitFor();
  assert.equal(await page.getByRole('heading', { level: 1 }).getByRole('textbox').inputValue(), 'Minutes of Dey');
  await sara.leave();
});

it('two write in one document at once, see each other, and both have all of it', async () => {
  const made = await make({ title: 'Written by two', text: 'It begins.' });
  await dabir.api('PUT', `/documents/${made.id}/access`, { grants: [people.sara, people.nima].map(({ id }) => ({ grantee: `user:${id}`, right: 'edit' })) });
  const [sara, nima] = [await own(people.sara), await own(people.nima)];
  await opened(sara, made);
  await opened(nima, made);
  await sara.page.getByText(/Here too: .*Nima/).waitFor();
  await paper(sara.page).click();
  await sara.page.keyboard.press('Control+End');
  await paper(nima.page).click();
  await nima.page.keyboard.press('Control+Home');
  await Promise.all([sara.page.keyboard.type(' From Sara.'), nima.page.keyboard.type('From Nima. ')]);
  for (const { page } of [sara, nima]) {
    await paper(page).getByText(/From Nima\. .*It begins\. From Sara\./).waitFor();
    await saved(page);
  }
  await nima.leave();
  await sara.page.getByText('You are here alone').waitFor();
  await sara.leave();
});

it('something is said about chosen words, answered, settled and opened again', async () => {
  const made = await make({ title: 'What is said', text: 'These words are long.' });
  await dabir.api('PUT', `/documents/${made.id}/access`, { grants: [people.sara, people.nima].map(({ id }) => ({ grantee: `user:${id}`, right: id === people.nima.id ? 'comment' : 'edit' })) });
  const [sara, nima] = [await own(people.sara), await own(people.nima)];
  await opened(sara, made);
  await paper(sara.page).getByText('These words').click({ clickCount: 3 });
  await sara.page.locator('[data-bubble]').getByRole('button', { name: 'Comment' }).click();
  await sara.page.getByRole('textbox', { name: 'Comment on the chosen words' }).fill('Shorter?');
  await sara.page.keyboard.press('Control+Enter');
  await paper(sara.page).locator('[data-comment]').waitFor();

  await opened(nima, made, '?side=comments');
  await nima.page.getByText('Shorter?').waitFor();
  assert.equal(await paper(nima.page).getAttribute('aria-readonly'), 'true');
  await press(nima.page, 'Answer');
  await nima.page.getByRole('textbox', { name: 'Answer' }).fill('Yes, much');
  await nima.page.keyboard.press('Control+Enter');
  await sara.page.getByText('Yes, much').waitFor();
  await press(sara.page, 'Settle');
  await sara.page.getByRole('button', { name: /Show what is settled/ }).click();
  await sara.page.getByText(/Settled by .*سارا/).waitFor();
  await press(sara.page, 'Open again');
  await sara.page.getByText(/Settled by/).waitFor({ state: 'detached' });
  const [thread] = (await dabir.api('GET', `/documents/${made.id}/comments`)).items;
  assert.equal(thread.quote, 'These words are long.');
  await nima.leave();
  await sara.leave();
});

it('how a document is now gets a name, is compared with later, and comes back', async () => {
  const made = await make({ title: 'In versions', text: 'As it was.' });
  await share(made, people.sara);
  const sara = await own(people.sara);
  const { page } = sara;
  await opened(sara, made, '?side=versions');
  await page.getByRole('textbox', { name: 'Keep how it is now, as' }).fill('The first');
  await page.keyboard.press('Enter');
  const version = page.getByRole('button', { name: /The first/ });
  await version.waitFor();
  await paper(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' And more.');
  await saved(page);
  await version.click();
  await page.getByRole('dialog').locator('ins').getByText('And more.').waitFor();
  assert.match(page.url(), /version=1/);
  await press(page, 'Bring it back');
  await page.getByRole('dialog', { name: 'The first' }).waitFor({ state: 'detached' });
  await until(async () => (await paper(page).innerText()).trim() === 'As it was.');
  await page.getByText('Before an older version came back').waitFor();
  await sara.leave();
});

it('a document is shared with somebody, and published for whoever has the address until it is taken back', async () => {
  const sara = await own(people.sara);
  const { page } = sara;
  await sara.go('/documents?make=document');
  await page.getByRole('textbox', { name: 'Title' }).fill('For all');
  await page.keyboard.press('Enter');
  await paper(page).click();
  await page.keyboard.type('Everybody may read this.');
  await saved(page);
  await press(page, 'Share');
  const box = page.getByRole('dialog');
  await box.getByRole('textbox', { name: 'Share with' }).fill('nim');
  await box.getByRole('button', { name: 'Nima', exact: true }).click();
  await box.getByRole('button', { name: /Right of .*Nima/ }).waitFor();
  await press(page, 'Publish');
  const address = new URL(await box.locator('pre').innerText());
  const stranger = await browser.newContext();
  const reader = await stranger.newPage();
  await until(async () => {
    await reader.goto(dabir.url + address.pathname);
    return (await reader.getByText('Everybody may read this.').count()) === 1;
  });
  await press(page, 'Take the page back');
  await box.getByRole('button', { name: 'Publish', exact: true }).waitFor();
  await reader.reload();
  await reader.getByText('This link leads nowhere').waitFor();
  await stranger.close();

  const nima = await own(people.nima);
  await nima.go('/documents?place=shared');
  await link(nima.page, 'For all').click();
  await paper(nima.page).getByText('Everybody may read this.').waitFor();
  await nima.leave();
  await sara.leave();
});

it('of two who give it a title at once, the second one chooses', async () => {
  const made = await make({ title: 'Before' });
  await share(made, people.sara);
  const sara = await own(people.sara);
  const { page } = sara;
  await opened(sara, made);
  let isFirst = true;
  await page.route(`**/api/v1/documents/${made.id}`, async (route) => {
    const isTheirs = isFirst && route.request().method() === 'PATCH';
    if (isTheirs) isFirst = false;
    if (isTheirs) await dabir.api('PATCH', `/documents/${made.id}`, { title: 'Theirs' });
    await route.continue();
  });
  await page.getByRole('heading', { level: 1 }).getByRole('textbox').fill('Mine');
  await page.getByRole('alert').getByText(/Theirs/).waitFor();
  await press(page, 'Save mine');
  await until(async () => (await dabir.api('GET', `/documents/${made.id}`)).title === 'Mine');
  await sara.leave([/409/]);
});

it('documents are put into folders, deleted and had back, and made of files', async () => {
  const sara = await own(people.sara);
  const { page } = sara;
  await sara.go('/documents');
  await press(page, 'New folder…');
  await page.getByRole('textbox', { name: 'Name of the folder' }).fill('Council');
  await page.keyboard.press('Enter');
  await link(page, 'Council').waitFor();
  await page.locator('input[type=file]').setInputFiles([
    { name: 'letter.md', mimeType: 'text/markdown', buffer: Buffer.from('# Dear all\n\nwords') },
    { name: 'noise.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2, 255]) },
  ]);
  await page.getByRole('dialog', { name: 'Not taken in' }).getByText('noise.bin').waitFor();
  await page.keyboard.press('Escape');
  const title = await page.getByRole('link', { name: /letter|Dear all/ }).innerText();
  await inMenu(page, new RegExp(`What can be done with .*${title}`), 'Move…');
  await page.getByRole('option', { name: 'Council' }).click();
  await press(page, 'Move here');
  await link(page, 'Council').click();
  await page.waitForURL(/folder=/);
  await link(page, title).waitFor();
  await inMenu(page, new RegExp(`What can be done with .*${title}`), 'Delete');
  await link(page, title).waitFor({ state: 'detached' });
  await page.getByRole('alertdialog', { name: /is deleted/ }).getByRole('button', { name: 'Undo' }).click();
  await link(page, title).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), inMenu(page, new RegExp(`What can be done with .*${title}`), /Save as .*Word/)]);
  assert.match(download.suggestedFilename(), /\.docx$/);
  await sara.leave();
});

it('documents and folders are dragged into folders and out of them, and can be sent by keyboard alone', async () => {
  const sara = await own(people.sara);
  const { page } = sara;
  const places = page.getByRole('navigation', { name: 'Places of documents' });
  const folderNamed = async (name) => {
    await press(page, 'New folder…');
    await page.getByRole('textbox', { name: 'Name of the folder' }).fill(name);
    await page.keyboard.press('Enter');
    await places.getByRole('link', { name }).waitFor();
  };
  await sara.go('/documents');
  await folderNamed('Year');
  await folderNamed('Month');
  await page.locator('input[type=file]').setInputFiles([{ name: 'plan.md', mimeType: 'text/markdown', buffer: Buffer.from('words of it') }]);
  await link(page, 'plan').waitFor();
  await link(page, 'plan').dragTo(places.getByRole('link', { name: 'Year' }));
  await page.getByText(/plan.* is in .*Year.* now/).waitFor();
  await places.getByRole('link', { name: 'Month' }).dragTo(places.getByRole('link', { name: 'Year' }));
  await page.getByText(/The folder .*Month.* is elsewhere now/).waitFor();
  // A folder cannot lie in what lies in it.
  await places.getByRole('link', { name: 'Year' }).dragTo(places.getByRole('link', { name: 'Month' }));
  await places.getByRole('link', { name: 'Year' }).press('Enter');
  await page.waitForURL(/folder=/);
  await link(page, 'plan').dragTo(places.getByRole('link', { name: 'All documents' }));
  await page.getByText(/plan.* is in no folder now/).waitFor();
  await link(page, 'plan').waitFor({ state: 'detached' });
  await places.getByRole('link', { name: 'All documents' }).click();
  const menu = page.getByRole('button', { name: /What can be done with .*plan/ });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Move…' }).waitFor();
  await page.keyboard.type('Move');
  await page.keyboard.press('Enter');
  await page.locator('[role=listbox]:focus, [role=listbox] :focus').waitFor();
  await page.keyboard.type('Month');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Move here' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText(/plan.* is in .*Month.* now/).waitFor();
  await sara.leave();
});

/** A picture of one sign, red. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

/** Lets a file fall on the text, or pastes it there. */
function bring(page, how, name, type, base64) {
  return page.evaluate(
    ([how, name, type, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name, { type }));
      const text = document.querySelector('.ProseMirror');
      const { left, top } = text.lastElementChild.getBoundingClientRect();
      const at = { bubbles: true, cancelable: true, clientX: left + 5, clientY: top + 5 };
      const event = how === 'drop' ? new DragEvent('drop', { ...at, dataTransfer: data }) : new ClipboardEvent('paste', { ...at, clipboardData: data });
      return !text.dispatchEvent(event);
    },
    [how, name, type, base64],
  );
}

it('pictures are dropped and pasted into a text and are there again later; what is none says so', async () => {
  const made = await make({ title: 'With pictures', text: 'Before it.\n\nBehind it.' });
  await share(made, people.sara);
  const sara = await own(people.sara);
  const { page } = sara;
  await opened(sara, made);
  await paper(page).click();
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route('**/api/v1/uploads', async (route) => (await held, route.continue()), { times: 1 });
  assert.ok(await bring(page, 'drop', 'dropped.png', 'image/png', PNG));
  await paper(page).getByText(/dropped\.png.* is on its way/).waitFor();
  await page.getByRole('region', { name: 'Uploads' }).getByRole('progressbar').waitFor();
  go();
  const picture = (alt) => page.waitForFunction((alt) => document.querySelector(`.ProseMirror img[alt="${alt}"]`)?.naturalWidth, alt);
  await picture('dropped');
  assert.equal(await paper(page).getByText('is on its way').count(), 0);
  await bring(page, 'paste', 'pasted.png', 'image/png', PNG);
  await picture('pasted');
  await saved(page);
  await page.reload();
  await picture('dropped');
  await picture('pasted');
  assert.ok(await bring(page, 'drop', 'plan.pdf', 'application/pdf', PNG));
  await page.getByText(/plan\.pdf.* is no picture that a text can show: these are PNG/).waitFor();
  await bring(page, 'paste', 'words.png', 'image/png', btoa('words and no picture'));
  await page.getByText(/words\.png.* is no picture that a text can show/).waitFor();
  const problem = { status: 413, contentType: 'application/problem+json', body: JSON.stringify({ status: 413, code: 'files.too_large', detail: 'the file is too large' }) };
  await page.route('**/api/v1/uploads', (route) => route.fulfill(problem), { times: 1 });
  await bring(page, 'drop', 'large.png', 'image/png', PNG);
  await page.getByText(/The picture .*large\.png.* was not kept[^]*larger than files may be here/).waitFor();
  assert.equal(await paper(page).locator('img').count(), 2);
  await saved(page);
  await sara.leave([/413/]);
});

it('whoever loses the right or the document is told in plain words, and what is read stays', async () => {
  const made = await make({ title: 'Taken away', text: 'Still to be read.' });
  await share(made, people.sara);
  const sara = await own(people.sara);
  await opened(sara, made);
  await dabir.api('PUT', `/documents/${made.id}/access`, { grants: [{ grantee: `user:${people.sara.id}`, right: 'view' }] });
  await until(async () => (await paper(sara.page).getAttribute('aria-readonly')) === 'true');
  await dabir.api('DELETE', `/documents/${made.id}`);
  await sara.page.getByText('This document was deleted').or(sara.page.getByText('This document is deleted')).first().waitFor();
  await sara.leave([/404/, /WebSocket/]);
});

it('two type while lines, tabs, sessions and the server itself fail: nothing is lost', async (t) => {
  t.diagnostic(await endure({ dabir, browser, persons: [people.sara, people.nima] }));
});
