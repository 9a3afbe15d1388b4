// Pages elsewhere use the browser of an admin who is signed in: one on another port of the same host, as the program of a
// room may serve it, by TLS and without, and one on another host. They know every id and try whatever a page can do.
// Nothing changes, nothing is learnt, and the admin stays who they are.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser } from '../lib/browser.mjs';
import { Dabir } from '../lib/dabir.mjs';
import { Front, NAMES, Site } from '../lib/sites.mjs';

const OWNER = { email: 'owner@example.org', name: 'Owner', role: 'admin', language: 'en', password: 'seven quiet rivers' };
const MALLORY = { email: 'mallory@example.org', name: 'Mallory', role: 'participant', language: 'en', password: 'eleven loud waterfalls' };
/** From where the pages come; a browser calls only the first the same site as the house. */
const SITES = {
  'on another port': { secure: true, host: 'meet.example' },
  'on another port without TLS': { secure: false, host: 'meet.example' },
  'on another host': { secure: true, host: 'elsewhere.example' },
};
/** As chat programs and mail scanners look at links. */
const PREVIEWS = ['HEAD', 'GET', 'OPTIONS'].flatMap((method) =>
  ['TelegramBot (like TwitterBot)', 'WhatsApp/2.23', 'Mozilla/5.0 (compatible; Google-Safety)'].map((agent) => ({ method, headers: { 'user-agent': agent, 'sec-purpose': 'prefetch' } })),
);

let front;
let dabir;
let browser;
let owner;
let meeting;
let link;

before(async () => {
  front = await Front.open('meet.example');
  dabir = await Dabir.start({ DABIR_SERVER__PUBLIC_URL: front.url });
  front.leadTo(dabir.url);
  browser = await launchBrowser(NAMES);
  owner = await dabir.api('POST', '/users', OWNER);
  await dabir.api('POST', '/users', MALLORY);
  meeting = await dabir.api('POST', '/meetings', { name: 'Council', date_time: '2199-01-01T10:00:00Z' });
  link = new URL((await dabir.api('POST', '/auth/links')).url).pathname;
});

after(async () => {
  await browser?.close();
  await dabir?.stop();
  front?.close();
});

/** Everything that an attack could have changed; whatever changes stands in the audit. */
async function state() {
  const [audit, ...rest] = await Promise.all([
    dabir.api('GET', '/audit?limit=1'),
    ...['/users', '/meetings', '/sample', '/settings', '/port/used', `/tokens?user=${owner.id}`].map((path) => dabir.api('GET', path)),
    dabir.api('GET', `/auth/links/${link.split('/').pop()}`),
  ]);
  return { newest: audit.items[0].seq, rest };
}

/** What the house's own page reads at `path`. */
const ask = (page, path) => page.evaluate(async (path) => (await fetch(`/api/v1${path}`)).json(), path);

/** The browser of an admin who is signed in at the house. */
async function admin() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(front.url);
  await page.getByLabel('E-mail address').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: /^Overview/ }).waitFor();
  return { context, page };
}

/** Pages that change something when their own house asks for them, with what makes each of them do it. */
const changes = () => [
  ['/api/v1/users', { email: 'forged@example.org', name: 'Forged', role: 'admin', password: 'forged plain words' }],
  [`/api/v1/users/${owner.id}/sign-out`, {}],
  [`/api/v1/meetings`, { name: 'Forged' }],
  [`/api/v1/meetings/${meeting.id}/stop`, {}],
  [`/api/v1/tokens`, { name: 'forged' }],
  ['/api/v1/port/pick', {}],
  ['/api/v1/sample', {}],
  ['/api/v1/auth/password', { current: OWNER.password, new: 'forged plain words' }],
  ['/api/v1/auth/login', MALLORY],
  ['/api/v1/auth/logout', {}],
  ['/api/v1/auth/refresh', {}],
  ['/sign-in', MALLORY],
  ['/sign-out', {}],
  [link, {}],
];

/** Sends every form that a page can send, each into a frame of its own. */
const sendForms = (page) =>
  page.evaluate(
    async ([house, changes]) => {
      const types = ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data'];
      const send = async ([path, body], enctype) => {
        const frame = document.createElement('iframe');
        frame.name = `${path} ${enctype}`;
        document.body.append(frame);
        const form = Object.assign(document.createElement('form'), { action: house + path, method: 'POST', enctype, target: frame.name });
        // As plain text, a name and a value make JSON of it.
        const fields = enctype === 'text/plain' ? [[JSON.stringify({ ...body, x: '' }).slice(0, -2), '"}']] : Object.entries(body);
        for (const [name, value] of fields) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
        document.body.append(form);
        const answered = new Promise((done) => {
          frame.onload = done;
          // An answer without a body shows nothing, and no refusal is one.
          setTimeout(done, 5_000);
        });
        form.submit();
        await answered;
        frame.remove();
      };
      for (const enctype of types) await Promise.all(changes.map((change) => send(change, enctype)));
    },
    [front.url, changes()],
  );

/** Asks by script in every way, and tells what could be read of the answers. */
const sendRequests = (page) =>
  page.evaluate(
    async ([house, changes]) => {
      const bodies = (body) => [
        ['application/json', JSON.stringify(body)],
        ['text/plain', JSON.stringify(body)],
        ['application/x-www-form-urlencoded', new URLSearchParams(body).toString()],
      ];
      const ask = (path, options) => fetch(house + path, { credentials: 'include', redirect: 'follow', ...options }).then(({ type }) => type, () => 'refused');
      const asked = [];
      for (const [path, body] of changes) {
        for (const mode of ['cors', 'no-cors']) {
          for (const [type, text] of bodies(body)) {
            asked.push(ask(path, { mode, method: 'POST', body: text, headers: { 'content-type': type } }));
            asked.push(ask(path, { mode, method: 'POST', body: new Blob([text]), keepalive: true }));
          }
        }
        navigator.sendBeacon(house + path, new Blob([JSON.stringify(body)], { type: 'text/plain' }));
        for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']) asked.push(ask(path, { mode: 'cors', method }));
      }
      return [...new Set(await Promise.all(asked))].sort();
    },
    [front.url, changes()],
  );

/** Has the page load things of the house as parts of its own; answers those that it got. */
const embed = (page) =>
  page.evaluate(
    async ([house, paths]) => {
      const parts = [['img', 'src'], ['script', 'src'], ['link', 'href'], ['video', 'src'], ['object', 'data']];
      const load = ([tag, where], path) =>
        new Promise((done) => {
          const part = document.createElement(tag);
          if (tag === 'link') part.rel = 'stylesheet';
          part.onload = part.onloadeddata = () => done([`${tag} ${path}`]);
          part.onerror = () => done([]);
          part[where] = house + path;
          document.body.append(part);
        });
      const before = Object.keys(window).length;
      const got = await Promise.all(paths.flatMap((path) => parts.map((part) => load(part, path))));
      return [...got.flat(), ...Object.keys(window).slice(before)];
    },
    [front.url, ['/', link, '/sign-out', '/api/v1/users', '/api/v1/auth/me', '/api/v1/auth/logout', '/api/v1/audit/export', `/api/v1/auth/links/${link.split('/').pop()}`]],
  );

/** Streams and sockets to the house that open. */
const listen = (page) =>
  page.evaluate(async (house) => {
    const opens = (source, name) => new Promise((done) => Object.assign(source, { onopen: () => done([name]), onerror: () => done([]) }));
    const path = '/api/v1/events';
    const opened = await Promise.all([
      opens(new EventSource(house + path, { withCredentials: true }), 'events'),
      opens(new WebSocket(house.replace(/^http/, 'ws') + path), 'socket'),
    ]);
    return opened.flat();
  }, front.url);

/** Has the page show the house in a frame; answers the frames that do. */
async function frame(page) {
  await page.evaluate(async (house) => {
    const frame = Object.assign(document.createElement('iframe'), { src: house });
    const loaded = new Promise((done) => (frame.onload = done));
    document.body.append(frame);
    await loaded;
  }, front.url);
  return page.frames().filter((frame) => frame.url().startsWith(front.url)).map((frame) => frame.url());
}

/** Opens the house in a window, and tries to hold on to it. */
async function openWindow(context, page) {
  const opened = context.waitForEvent('page');
  await page.evaluate((house) => (window.held = window.open(house)), front.url);
  const popup = await opened;
  await popup.waitForURL((url) => url.origin === front.url);
  await popup.waitForFunction(() => window.opener === null);
  const reach = await page.evaluate(() => {
    const { held } = window;
    held.postMessage('forged', '*');
    if (!held.closed) held.location = 'about:blank';
    return held.closed;
  });
  assert.equal(reach, true, 'the window cannot be reached');
  assert.equal(new URL(popup.url()).origin, front.url);
  await popup.close();
}

/** Twins of the house's cookies, set by script and, where `site` is given, by the site's answers. */
async function tossCookies(page, site) {
  const names = ['__Host-dabir_at', '__Host-dabir_rt', '__host-dabir_at', 'dabir_at', '__Secure-dabir_at'];
  const cookies = names.flatMap((name) =>
    ['Path=/', 'Path=/; Secure', 'Path=/api/v1; Secure', 'Path=/; Domain=meet.example; Secure'].map((rest) => `${name}=forged; ${rest}`),
  );
  // A nameless cookie whose value looks like one of ours.
  cookies.push('=__Host-dabir_at=forged; Path=/; Secure', '=__Host-dabir_at=forged; Path=/api');
  await page.evaluate((cookies) => cookies.forEach((cookie) => (document.cookie = cookie)), cookies);
  if (site) {
    site.cookies = cookies;
    await page.reload();
  }
}

for (const [where, options] of Object.entries(SITES)) {
  test(`a page ${where} changes nothing and learns nothing`, async (t) => {
    const site = await Site.open(options);
    const { context, page } = await admin();
    t.after(async () => {
      await context.close();
      site.close();
    });
    const before = await state();
    const hostile = await context.newPage();
    await hostile.goto(site.url);

    await sendForms(hostile);
    assert.deepEqual(await state(), before, 'forms');
    assert.deepEqual(await sendRequests(hostile), ['refused']);
    assert.deepEqual(await state(), before, 'requests');
    assert.deepEqual(await embed(hostile), []);
    assert.deepEqual(await listen(hostile), []);
    assert.deepEqual(await frame(hostile), []);
    await openWindow(context, hostile);
    // What comes by TLS from the same host may set the host's cookies, for all that a browser knows.
    const isHost = options.secure && options.host === new URL(front.url).hostname;
    await tossCookies(hostile, isHost ? undefined : site);
    assert.deepEqual(await state(), before);

    assert.equal((await ask(page, '/auth/me')).user.email, OWNER.email);
    assert.equal((await ask(page, '/sessions')).items.filter(({ current }) => current).length, 1);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: /^Overview/ }).waitFor();
  });
}

test('who looks at a link ahead takes nothing away', async () => {
  for (const preview of PREVIEWS) {
    for (const path of [link, `/api/v1/auth/links/${link.split('/').pop()}`]) await fetch(dabir.url + path, preview);
  }
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(front.url + link);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/start/'));
  assert.equal((await ask(page, '/auth/me')).user.email, OWNER.email);
  await context.close();
});
