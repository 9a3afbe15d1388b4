// What operators do with webhooks, against the real server and a receiver of our own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, it } from 'node:test';
import { until } from './clients.mjs';
import { startReceiver } from './inbox.mjs';
import { browser, dabir, house, openHouse, own, visit } from './rig.mjs';
import { isFromDabir, SAMPLES } from './samples.mjs';

const people = {};
openHouse(async () => {
  people.mina = await dabir.addPerson('Mina', 'auditor');
});

let receiver;
before(async () => (receiver = await startReceiver()));
after(() => receiver.close());

const text = (page, words) => page.getByText(words).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const make = (body) => dabir.api('POST', '/webhooks', { url: receiver.url, events: ['task.*'], ...body });
const one = (id) => dabir.api('GET', `/webhooks/${id}`);

it('one is made with all of a kind and an event, its secret is shown once, and what is signed with it is checked by the sample', async () => {
  const { page, go, leave } = await visit(browser, house);
  await go('/webhooks');
  await text(page, 'No program is told of anything');
  await press(page, 'New webhook');
  await page.getByRole('textbox', { name: 'Address' }).fill('http://10.1.2.3/hook');
  await page.getByRole('dialog').locator('summary', { hasText: 'Tasks' }).click();
  await page.getByRole('checkbox', { name: /^All of them/ }).check();
  assert.equal(await page.getByRole('checkbox', { name: /task\.deleted/ }).isDisabled(), true);
  await page.locator('summary', { hasText: 'Backups' }).click();
  await page.getByRole('checkbox', { name: /backup\.failed/ }).check();
  await press(page, 'Make');
  await text(page, /This address lies inside the network/);
  await page.getByRole('textbox', { name: 'Address' }).fill(receiver.url);
  await page.getByRole('textbox', { name: 'What it is for' }).fill('Reports');
  await press(page, 'Make');
  const secret = await page.getByRole('dialog', { name: 'The webhook is made' }).locator('pre').first().innerText();
  assert.match(secret, /^whsec_/);
  await press(page, 'I have kept it');
  await page.getByRole('heading', { name: /Reports/ }).waitFor();
  await text(page, 'Nothing was sent yet');
  const [webhook] = (await dabir.api('GET', '/webhooks')).items;
  assert.deepEqual(webhook.events.sort(), ['backup.failed', 'task.*']);

  const { title } = await dabir.api('POST', '/tasks', { title: 'Send the minutes' });
  await page.getByRole('row', { name: /A task was made.*Delivered/ }).waitFor();
  const { headers, body } = receiver.received[0];
  assert.equal(JSON.parse(body).data.title, title);
  assert.equal(isFromDabir(secret, headers, body), true);
  assert.equal(isFromDabir(secret, headers, `${body} `), false);
  const python = `${SAMPLES.python}\nimport json, sys\nsecret, headers, body = json.load(sys.stdin)\nprint(is_from_dabir(secret, headers, body.encode()))\n`;
  assert.equal(execFileSync('python3', ['-c', python], { input: JSON.stringify([secret, headers, body]) }).toString().trim(), 'True');
  await dabir.api('DELETE', `/webhooks/${webhook.id}`);
  await leave([/422/]);
});

it('what does not get through is looked at, tried again, given up and sent again', async () => {
  const { id } = await make({ description: 'Moving' });
  Object.assign(receiver.answers, { status: 503, text: 'come back later' });
  const { number } = await dabir.api('POST', '/tasks', { title: 'First of two' });
  await dabir.api('POST', '/tasks', { title: 'Second of two' });
  const { page, go, leave } = await visit(browser, house);
  await go(`/webhooks/${id}`);
  await text(page, /Nothing gets through since/);
  await page.getByRole('row', { name: /First of two/ }).getByRole('button').click();
  const panel = page.getByRole('dialog', { name: 'Delivery' });
  await panel.getByText('come back later').first().waitFor();
  await panel.getByText('It did not answer with success, which is a status from 200 to 299.').first().waitFor();
  await panel.getByRole('group', { name: 'What is sent' }).getByText(`"number": ${number}`).waitFor();
  await panel.getByRole('button', { name: 'Give it up' }).click();
  await page.getByRole('alertdialog', { name: /given up in a moment/ }).getByRole('button', { name: 'Undo' }).click();
  await panel.getByRole('button', { name: 'Give it up' }).click();
  await page.getByRole('alertdialog', { name: /given up in a moment/ }).getByRole('button', { name: 'Close' }).click();
  await panel.getByText('Given up').first().waitFor();
  Object.assign(receiver.answers, { status: 204, text: '' });
  await panel.getByRole('button', { name: 'Send it again' }).click();
  await panel.getByText('Delivered').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('row', { name: /Second of two.*Delivered/ }).waitFor();
  const order = receiver.received.slice(-2).map(({ body }) => JSON.parse(body).data.title);
  assert.deepEqual(order, ['Second of two', 'First of two']);
  await page.getByRole('button', { name: /State$/ }).click();
  await page.getByRole('option', { name: 'Waiting' }).click();
  await text(page, 'No delivery is like that');
  assert.match(page.url(), /state=waiting/);
  await leave();
});

it('one is tried out, paused and had back, gets another secret, is changed and deleted', async () => {
  const { id } = await make({ description: 'Chat' });
  const { page, go, leave } = await visit(browser, house);
  await go(`/webhooks/${id}`);
  await press(page, 'Try it out…');
  const box = page.getByRole('dialog', { name: 'Try it out' });
  await box.getByRole('button', { name: 'Send', exact: true }).click();
  await box.getByText('It gets through').waitFor();
  assert.equal(JSON.parse(receiver.received.at(-1).body).type, 'webhook.test');
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: 'Paused' }).click();
  await text(page, /is paused: what happens is kept/);
  await until(async () => (await one(id)).state === 'paused');
  await press(page, 'Undo');
  await until(async () => (await one(id)).state === 'on');

  await press(page, 'New secret…');
  await press(page, 'Make a new secret');
  const panel = page.getByRole('dialog', { name: 'New secret' });
  const secret = await panel.locator('pre').first().innerText();
  await press(page, 'I have kept it');
  await text(page, /the old secret signs as well/);
  await dabir.api('POST', `/webhooks/${id}/test`);
  const { headers, body } = receiver.received.at(-1);
  assert.equal(headers['webhook-signature'].split(' ').length, 2);
  assert.equal(isFromDabir(secret, headers, body), true);

  await press(page, 'Change…');
  const settings = page.getByRole('dialog', { name: 'Settings' });
  await settings.getByRole('textbox', { name: 'What it is for' }).fill('Chat of the operators');
  await settings.getByRole('checkbox', { name: /^Everything/ }).check();
  await settings.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: /Chat of the operators/ }).waitFor();
  assert.deepEqual((await one(id)).events, ['*']);

  await page.getByRole('button', { name: 'Delete the webhook' }).press('Enter');
  await page.getByRole('heading', { name: 'Webhooks' }).waitFor();
  await page.getByRole('link', { name: 'Chat of the operators' }).waitFor({ state: 'detached' });
  await page.getByRole('alertdialog', { name: /is deleted in a moment/ }).getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'Chat of the operators' }).click();
  await page.getByRole('button', { name: 'Delete the webhook' }).press('Enter');
  await page.getByRole('alertdialog', { name: /is deleted in a moment/ }).getByRole('button', { name: 'Close' }).click();
  await until(async () => !(await dabir.api('GET', '/webhooks')).items.some((one) => one.id === id));
  await leave();
});

it('auditors look on: they see webhooks and deliveries and change nothing', async () => {
  const { id } = await make({ description: 'Watched' });
  await dabir.api('POST', `/webhooks/${id}/test`);
  const { page, go, leave } = await own(people.mina);
  await go('/webhooks');
  assert.equal(await page.getByRole('button', { name: 'New webhook' }).count(), 0);
  await page.getByRole('link', { name: 'Watched' }).click();
  await page.getByRole('row', { name: /A test/ }).getByRole('button').click();
  await page.getByRole('dialog', { name: 'Delivery' }).getByText('204').waitFor();
  await page.keyboard.press('Escape');
  for (const name of ['Change…', 'Try it out…', 'New secret…', 'Delete the webhook']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await leave();
});
