// Everybody can use every page: axe finds nothing, nothing leaves the origin, nothing breaks the policy, nothing scrolls
// sideways, nothing is left in the other language. `DABIR_PICTURES` names a folder for a picture of each. A file for each
// language calls this, so that two processors share the work.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { TAGS, violations } from '../../room/browser/axe.mjs';
import { furnishBackups } from './backups.mjs';
import { furnishClients, PHOTOS } from './clients.mjs';
import { furnishDocuments } from './documents.mjs';
import { furnishInbox, furnishWebhooks } from './inbox.mjs';
import { fill } from './jobs.mjs';
import { browser, dabir, house, openHouse, signIn, visit } from './rig.mjs';
import { furnishSync } from './sync.mjs';
import { furnishFiles, furnishTasks } from './tasks.mjs';

/** The rules that see colours: only these can judge a page differently once it wears another theme. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const PICTURES = process.env.DABIR_PICTURES;

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0';

/** Each with the name of its picture. */
const PAGES = {
  overview: () => '/',
  meetings: () => '/meetings',
  timeline: () => '/meetings?view=timeline',
  meeting: () => `/meetings/${known.meeting.id}`,
  clients: () => '/clients',
  documents: () => '/documents',
  'documents-none': () => '/documents?place=starred',
  'clients-blocked': () => '/clients?state=blocked',
  'clients-board': () => '/clients?view=board',
  'clients-seats': () => '/clients?view=seats',
  'clients-problems': () => '/clients?view=problems',
  'clients-figures': () => '/clients?view=figures',
  'clients-hours': () => '/clients?view=figures&period=day&room=class+12',
  client: () => '/clients/ali',
  'client-blocked': () => '/clients/reza',
  'client-lost': () => '/clients/exam-desk-07',
  ports: () => '/ports?port=4000',
  inbox: () => '/inbox',
  'inbox-kind': () => '/inbox?kind=file',
  'inbox-none': () => '/inbox?show=unread&kind=webhook',
  tasks: () => '/tasks',
  'tasks-board': () => '/tasks?view=board',
  'tasks-calendar': () => '/tasks?view=calendar',
  'tasks-mine': () => '/tasks?view=mine',
  'tasks-none': () => '/tasks?q=nothing+like+that',
  task: () => `/tasks/${known.task}`,
  files: () => '/files',
  'files-none': () => '/files?show=deleted',
  file: () => `/files/${known.file}`,
  search: () => `/search?q=${encodeURIComponent('گزارش')}`,
  'search-kinds': () => `/search?q=${encodeURIComponent('شوراي')}&kinds=document,task`,
  'search-none': () => `/search?q=${encodeURIComponent('"هیچ چنین" -چیزی')}&kinds=file`,
  'search-unasked': () => '/search',
  sync: () => '/sync',
  source: () => '/sync/students',
  'source-running': () => '/sync/graduates',
  'source-history': () => '/sync/students?part=history',
  'source-quarantine': () => '/sync/students?part=quarantine',
  'source-settings': () => '/sync/students?part=settings',
  'source-run': () => '/sync/students?run=1',
  'source-never': () => '/sync/faculty',
  'new-source': () => '/sync?make=source',
  directory: () => '/directory?gone=yes',
  'directory-empty': () => '/directory?of=faculty',
  student: () => '/directory/students/110040010002',
  'student-gone': () => '/directory/students/110040010011',
  webhooks: () => '/webhooks',
  webhook: () => `/webhooks/${known.webhooks.working}`,
  'webhook-gone': () => `/webhooks/${known.webhooks.gone}`,
  'webhook-none': () => `/webhooks/${known.webhooks.working}?state=dead&event=task.deleted`,
  jobs: () => '/jobs',
  job: () => '/jobs/2',
  'job-running': () => '/jobs/7',
  schedules: () => '/schedules',
  people: () => '/users',
  audit: () => '/audit',
  backups: () => '/backups',
  settings: () => '/settings',
  account: () => '/account',
  notifications: () => '/account/notifications',
  nowhere: () => '/nowhere',
  lost: () => '/meetings/nothing',
};

/** What lies over a page: the page, what opens it, and what must be there before it is whole. */
const OVER = {
  palette: ['/', (page) => page.keyboard.press('Control+k'), '[role=dialog] [role=menuitem]'],
  'palette-found': ['/', openFound, '[role=dialog] [role=menuitem] mark'],
  menu: ['/', (page) => page.locator('header').first().getByRole('button').last().click(), '[role=menu] [role=menuitem]'],
  'new-meeting': ['/ports?new=meeting', openLater, '[role=dialog] [role=spinbutton]'],
  'new-client': ['/clients?make=client', () => undefined, '[role=dialog] form'],
  import: ['/clients?make=import', chooseFile, '[role=dialog] ul del'],
  'new-document': ['/documents?make=document', () => undefined, '[role=dialog] form'],
  'document-menu': ['/documents', (page) => page.locator('[role=table] button:has(svg.lucide-ellipsis-vertical)').first().click(), '[role=menu] [role=menuitem]'],
  'share-document': [() => `/documents/${known.document.id}`, (page) => page.locator('main header button:has(svg.lucide-share-2)').click(), '[role=dialog] section'],
  'document-version': [() => `/documents/${known.document.id}?version=1`, () => undefined, '[role=dialog] ins'],
  'block-client': ['/clients/ali', openBlock, '[role=dialog] [role=spinbutton]'],
  seats: ['/clients?view=seats', (page) => page.locator('[role=table] [data-index] button').first().click(), '[role=dialog] form'],
  'task-panel': [() => `/tasks?task=${known.task}`, () => undefined, '[role=dialog] ol li'],
  'task-keys': ['/tasks', (page) => page.keyboard.press('Shift+Slash'), '[role=dialog] kbd'],
  'task-due': ['/tasks?view=mine', (page) => openOnRow(page, 'd'), '[role=dialog] [role=spinbutton]'],
  'task-given': ['/tasks?view=mine', (page) => openOnRow(page, 'a'), '[role=dialog] form, [role=dialog] ul button'],
  'task-moves': ['/tasks?view=board', (page) => page.locator('[data-card] button').first().click(), '[role=menu] [role=menuitem]'],
  'inbox-sleep': ['/inbox', (page) => openOnLine(page, 'z'), '[role=dialog] [role=spinbutton]'],
  'inbox-keys': ['/inbox', (page) => page.keyboard.press('Shift+Slash'), '[role=dialog] kbd'],
  'new-webhook': ['/webhooks?make=webhook', (page) => page.locator('summary').first().click(), '[role=dialog] details[open]'],
  delivery: [() => `/webhooks/${known.webhooks.working}`, (page) => page.locator('[role=table] [data-index] button').last().click(), '[role=dialog] section > pre'],
  'webhook-settings': [() => `/webhooks/${known.webhooks.working}?over=settings`, () => undefined, '[role=dialog] details'],
  'webhook-secret': [() => `/webhooks/${known.webhooks.paused}?over=secret`, (page) => page.getByRole('dialog').getByRole('button').last().click(), '[role=dialog] pre'],
  'webhook-test': [() => `/webhooks/${known.webhooks.working}?over=test`, (page) => page.getByRole('dialog').getByRole('button').last().click(), '[role=dialog] [role=status]'],
  'give-seat': ['/clients?view=seats', (page) => page.locator('button:has(svg.lucide-armchair)').click(), '[role=dialog] form'],
  invite: ['/users?invite=yes', () => undefined, '[role=dialog] form'],
  person: [() => `/users?user=${known.reza.id}`, () => undefined, '[role=dialog] :text("Firefox")'],
  change: ['/audit?what=user.create', (page) => page.getByRole('row').nth(1).getByRole('button').click(), '[role=dialog] table'],
  'sync-box': ['/sync/students', (page) => page.locator('main header button:has(svg.lucide-refresh-cw)').click(), '[role=alertdialog] p'],
  'sync-change': ['/sync/students', (page) => page.locator('[role=table] [data-index] button').first().click(), '[role=dialog] [data-tone]'],
  'quarantined-row': ['/sync/students?part=quarantine', (page) => page.getByRole('row').nth(1).getByRole('button').click(), '[role=dialog] pre'],
  'forget-source': ['/sync/students?part=settings', (page) => page.locator('main form ~ section button').click(), '[role=alertdialog] form'],
  pause: ['/jobs', openQueue(0), '[role=dialog] form'],
  limits: ['/jobs', openQueue(1), '[role=dialog] form'],
  bulk: ['/jobs?state=failed', openBulk, '[role=alertdialog] p'],
  'edit-job': ['/jobs/2', openArguments, '[role=dialog] textarea'],
  schedule: ['/schedules?change=sync%3Afaculty', () => undefined, '[role=dialog] form'],
  review: ['/settings?q=rooms.max_clients', openReview, '[role=dialog] table'],
  restore: ['/backups', (page) => page.locator('[role=table] [data-index] button').last().click(), '[role=dialog] ol'],
  factor: ['/account', (page) => page.locator('main section').nth(2).getByRole('button').click(), '[role=dialog] svg[role=img]'],
  token: ['/account', openToken, '[role=dialog] [role=spinbutton]'],
};

/** The text of a document, which comes after its page. */
const WRITTEN = 'html .ProseMirror h2';

/** What a page shows once something on it was done. */
const DONE = {
  document: [() => `/documents/${known.document.id}`, () => undefined, WRITTEN],
  'document-comments': [() => `/documents/${known.document.id}?side=comments`, () => undefined, WRITTEN],
  'document-versions': [() => `/documents/${known.document.id}?side=versions`, () => undefined, WRITTEN],
  'document-clash': [() => `/documents/${known.document.id}`, clashOnTitle, 'html main [role=alert]'],
  'task-clash': [() => `/tasks/${known.task}`, clashOnCheck, 'html main [role=alert] dl'],
  uploads: [() => `/tasks/${known.task}`, attach, 'html section [role=alert]'],
  'tasks-chosen': ['/tasks', chooseRows, 'html main section b'],
  'tasks-line': ['/tasks', writeLine, 'html form p button'],
  'files-chosen': ['/files', chooseRows, 'html main section b'],
  'clients-chosen': ['/clients', chooseClients, 'html main section button'],
  'source-tested': ['/sync/students?part=settings', (page) => page.locator('button:has(svg.lucide-plug-zap)').click(), 'html main table, html main ol bdi[lang=en]'],
};

/** Each form once the server has refused it, which only narrow pages show: they have the least place for the words. */
const REFUSED = {
  'refused-source': ['/sync?make=source', refuseSource, 'html [aria-invalid=true]'],
  'refused-meeting': ['/meetings?new=meeting', refuseMeeting, '[role=dialog] [aria-invalid=true]'],
  'refused-client': ['/clients?make=client', refuseClient, '[role=dialog] [aria-invalid=true]'],
  'refused-file': ['/clients?make=import', refuseFile, '[role=dialog] [role=alert]'],
  'refused-port': ['/ports', refusePort, '[role=dialog] [aria-invalid=true]'],
  'refused-invitation': ['/users?invite=yes', refusePerson, '[role=dialog] [aria-invalid=true]'],
  'refused-person': [() => `/users?user=${known.reza.id}`, refusePerson, '[role=dialog] [aria-invalid=true]'],
  'refused-setting': ['/settings?q=rooms.max_clients', refuseSetting, 'html [aria-invalid=true]'],
  'refused-limits': ['/jobs', refuseLimits, '[role=dialog] [aria-invalid=true]'],
  'refused-arguments': ['/jobs/2', refuseArguments, '[role=dialog] [role=alert]'],
  'refused-schedule': ['/schedules?change=sync%3Afaculty', refuseSchedule, '[role=dialog] [aria-invalid=true]'],
  'refused-password': ['/account', refusePassword, 'html [aria-invalid=true]'],
  'refused-webhook': ['/webhooks?make=webhook', refuseWebhook, '[role=dialog] [role=alert] p'],
  'refused-token': ['/account', refuseToken, '[role=dialog] [aria-invalid=true]'],
};

/** Signs that no field of ours hinders and no name may have. */
const ODD = 'odd\u202ename';

async function openFound(page) {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('textbox').fill('دانشگاه');
}

async function refuseMeeting(page) {
  await page.getByRole('textbox').first().fill(ODD);
  await page.locator('summary').click();
  await page.getByRole('textbox').nth(1).fill('4');
  await page.keyboard.press('Enter');
}

async function refuseSource(page) {
  await page.getByRole('textbox').first().fill('Staff List');
  await page.keyboard.press('Enter');
}

async function chooseClients(page) {
  for (const place of [0, 1, 2]) await page.getByRole('row').locator('label').nth(place).click();
  // What can be done lies over whatever row stands at the end of the window; at the end of the page over none.
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
}

async function chooseRows(page) {
  for (const place of [0, 1]) await page.getByRole('row').locator('label').nth(place).click();
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
}

async function openOnLine(page, letter) {
  await page.locator('main [data-index] a').first().focus();
  await page.keyboard.press(letter);
}

async function refuseWebhook(page) {
  await page.getByRole('textbox').first().fill('http://10.0.0.7/hook');
  await page.getByRole('checkbox').first().check();
  await page.keyboard.press('Enter');
}

/** Somebody else is faster with the same by a moment. */
async function beforehand(page, pattern, deed) {
  let isFirst = true;
  await page.route(pattern, async (route) => {
    const isOurs = isFirst && route.request().method() === 'PATCH';
    if (isOurs) isFirst = false;
    if (isOurs) await deed();
    await route.fallback();
  });
}

async function clashOnTitle(page) {
  const path = `/documents/${known.document.id}`;
  const title = await page.locator('h1').getByRole('textbox').inputValue();
  await page.waitForSelector(WRITTEN);
  const other = title.endsWith(' نهایی') ? title.slice(0, -6) : `${title} نهایی`;
  await beforehand(page, `**${path}`, () => page.evaluate(rename, [path, other]));
  await page.locator('h1').getByRole('textbox').fill('صورت‌جلسهٔ شورا');
}

/** Runs in the page: only its owner and whoever it is shared with may. */
function rename([path, title]) {
  return fetch(`/api/v1${path}`, { method: 'PATCH', headers: { 'content-type': 'application/json', 'x-dabir-csrf': '1' }, body: JSON.stringify({ title }) });
}

async function clashOnCheck(page) {
  const path = `/tasks/${known.task}`;
  const { checklist } = await dabir.api('GET', path);
  await beforehand(page, '**/api/v1/tasks/*', () => dabir.api('PATCH', path, { checklist: [...checklist].reverse() }));
  await page.getByRole('checkbox').first().click({ force: true });
}

/** A file that comes and one that does not. */
async function attach(page) {
  const file = (name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('نوشته') });
  const [input, chooser] = [page.locator('main input[type=file]').first(), page.waitForResponse(/uploads/)];
  await input.setInputFiles(file('پیوست.txt'));
  await chooser;
  const tooLarge = { status: 413, contentType: 'application/problem+json', body: JSON.stringify({ status: 413, code: 'files.too_large', detail: 'the file is too large' }) };
  await page.route('**/api/v1/uploads', (route) => route.fulfill(tooLarge), { times: 1 });
  await input.setInputFiles(file('فیلم جلسه.mp4'));
  await page.locator('summary:has([role=status])').click();
}

async function openOnRow(page, letter) {
  await page.getByRole('row').getByRole('link').first().focus();
  await page.keyboard.press(letter);
}

async function writeLine(page) {
  await page.locator('main textarea').fill('گزارش را بفرست فردا ۱۰ #بودجه !فوری');
}

/** A file in which one line is wrong. */
async function chooseFile(page) {
  const words = 'username,name,room\nomid,امید صادقی,class 12\nbad/name,x,\nali,علی رضایی زاده,\n';
  await page.locator('input[type=file]').setInputFiles({ name: 'کلاس دوازدهم.csv', mimeType: 'text/csv', buffer: Buffer.from(words) });
}

async function refuseFile(page) {
  await page.locator('input[type=file]').setInputFiles({ name: 'notes.csv', mimeType: 'text/csv', buffer: Buffer.from('name,room\n') });
}

async function openBlock(page) {
  await page.locator('main header button').filter({ hasText: '…' }).last().click();
  await page.getByRole('dialog').getByRole('radio').last().click();
}

async function refuseClient(page) {
  await page.getByRole('textbox').first().fill('a/b');
  await page.keyboard.press('Enter');
}

async function refusePort(page) {
  await page.locator('main header button').first().click();
  await page.getByRole('dialog').getByRole('textbox').first().fill(ODD);
  await page.keyboard.press('Enter');
}

async function refusePerson(page) {
  await page.getByRole('textbox').first().fill(ODD);
  await page.getByRole('textbox').nth(1).fill('nobody');
  await page.keyboard.press('Enter');
}

async function refuseSetting(page) {
  await openReview(page, '0');
  await page.getByRole('dialog').getByRole('button').last().click();
}

/** What one of the first queue's buttons opens. */
function openQueue(button) {
  return (page) => page.locator('main li:has(dl) button').nth(button).click();
}

async function openBulk(page) {
  await page.locator('main section', { has: page.getByRole('searchbox') }).getByRole('button').filter({ hasText: '…' }).first().click();
}

async function openArguments(page) {
  await page.locator('main header button').filter({ has: page.locator('svg.lucide-pencil') }).click();
}

async function refuseLimits(page) {
  await openQueue(1)(page);
  await page.getByRole('dialog').getByRole('textbox').first().fill('900');
  await page.keyboard.press('Enter');
}

/** No worker here knows jobs of this kind. */
async function refuseArguments(page) {
  await openArguments(page);
  await page.getByRole('dialog').getByRole('button').last().click();
}

async function refuseSchedule(page) {
  await page.getByRole('dialog').getByRole('textbox').first().fill('61 2 * * sat');
  await page.keyboard.press('Enter');
}

async function refusePassword(page) {
  await page.locator('input[type=password]').first().fill(known.admin.credentials.password);
  await page.locator('input[type=password]').nth(1).fill('1234567890');
  await page.keyboard.press('Enter');
}

async function refuseToken(page) {
  await openToken(page);
  await page.getByRole('dialog').getByRole('textbox').first().fill(ODD);
  await page.keyboard.press('Enter');
}

async function openLater(page) {
  await page.getByRole('radio').nth(1).click();
}

async function openToken(page) {
  await page.locator('main section').filter({ has: page.locator('svg.lucide-key-round') }).getByRole('button').first().click();
  await page.getByRole('dialog').getByRole('radio').nth(3).click();
}

async function openReview(page, most = '50') {
  await page.getByRole('textbox').first().fill(most);
  await page.locator('section').last().getByRole('button').last().click();
}

const known = {};
openHouse(async () => {
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
  fill(dabir);
  const sync = await dabir.api('GET', '/queues').then(({ items }) => items.find(({ name }) => name === 'sync'));
  await dabir.api('PATCH', '/queues/sync', { paused: false });
  known.gateways = await furnishSync(dabir);
  await dabir.api('PATCH', '/queues/sync', { paused: true, reason: sync.pause_reason });
  await furnishClients(dabir);
  await furnishBackups(dabir);
  known.meeting = await dabir.runningMeeting('شورای آموزشی پردیس Shahid Rajaee');
  await dabir.api('POST', '/meetings', { name: 'Rust workshop with a title that is longer than any phone is wide', date_time: '2099-01-01T10:00:00Z' });
  await dabir.api('POST', '/port/pick', { owner: 'ingest worker', ttl: '1h' });
  known.admin = await dabir.addPerson('Sara', 'admin');
  known.task = await furnishTasks(dabir, known.admin);
  known.file = await furnishFiles(dabir);
  known.reza = await dabir.addPerson('Reza', 'operator');
  await dabir.api('POST', '/users', { name: 'مینا', email: 'a-very-long-address-of-somebody@department.example.org', role: 'auditor' });
  await dabir.api('POST', '/tokens', { name: 'پشتیبان شبانه', user: known.admin.id, expires: '3d' });
  await dabir.api('POST', '/tokens', { name: 'Grafana', user: known.reza.id });
  await fetch(`${dabir.url}/api/v1/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': FIREFOX }, body: JSON.stringify(known.reza.credentials) });
  known.document = await furnishDocuments(dabir, known.admin, known.reza);
  furnishInbox(dabir, known.admin, known);
  known.webhooks = await furnishWebhooks(dabir);
  return { user: known.admin, byCookie: true };
}, PHOTOS);

after(() => (known.gateways?.close(), known.webhooks?.close()));

/** Every page in a language, on phones and wide screens; each is opened once and wears both themes. */
export function looksIn(lang) {
  for (const width of [360, 1280]) describe(`${width} px`, () => looks({ lang, width }));
}

function looks(look) {
  let person;
  before(async () => {
    await dabir.api('PATCH', `/users/${known.admin.id}`, { language: look.lang });
    person = await visit(browser, house, look);
    await signIn(person.page, house, known.admin);
  });
  // It takes longer than a cookie of access lives: then one answer is a 401, and the page asks for another cookie.
  after(() => person.leave([/401/, /404/, /409/, /413/, /422/]));

  for (const [name, path] of Object.entries(PAGES)) {
    it(name, async () => {
      await person.go(path());
      await sound(person.page, 'html', look, name);
    });
  }

  for (const [name, [path, open, whole]] of Object.entries({ ...OVER, ...DONE, ...(look.width < 820 && REFUSED) })) {
    it(name, async () => {
      await person.go(typeof path === 'function' ? path() : path);
      await open(person.page);
      await person.page.waitForSelector(whole);
      await sound(person.page, whole.split(' ')[0], look, name);
    });
  }
}

/** With a box open, all else is inert, and only the box is looked at. */
async function sound(page, part, { lang, width }, name) {
  // On touch screens a box stays hidden for the moment in which a keyboard may come.
  await page.waitForFunction(() => !document.querySelector('[data-waiting], [style*="opacity: 0"]'));
  for (const [theme, rules] of [['light', part === 'html' ? TAGS : TAGS.slice(0, -1)], ['dark', COLOURS]]) {
    await wear(page, theme);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${lang}-${theme}-${width}.png`), fullPage: part === 'html' });
    assert.deepEqual(await violations(page, part, rules), [], theme);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `it scrolls sideways, ${theme}`);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).direction), lang === 'fa' ? 'rtl' : 'ltr');
    if (lang === 'fa') assert.deepEqual(await page.evaluate(english, part), []);
  }
}

/** Puts a theme on, and waits until it is painted: the first frame may have begun before it, and colours take a moment. */
async function wear(page, theme) {
  await page.evaluate(async (theme) => {
    document.documentElement.dataset.theme = theme;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(changing.map(({ finished }) => finished));
  }, theme);
}

/** Runs in the page: English words of ours on a Persian page. Names, codes and what servers say stand in marks of their own. */
function english(part) {
  const theirs = 'bdi, [lang=en], [dir=ltr], [dir=auto], code, pre, kbd, time, script, style, textarea, noscript, select';
  const allowed = /^(Dabir|dabir|port|admin|link|https|meet|example|Asia|Tehran|Europe|Berlin|KiB|MiB|Shahid|Rajaee|Authorization|Token|API|CSV|JSON|Django|Redis|QR|txt|JPEG|PNG|WebP|SQLite|English|UTC)$/;
  const found = [];
  const isolated = /[\u2066-\u2068].*?\u2069/g;
  const look = (text) => found.push(...(text.replace(isolated, '').match(/[A-Za-z]{2,}/g) ?? []).filter((word) => !allowed.test(word)));
  const walker = document.createTreeWalker(document.querySelector(part), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(theirs)) look(walker.currentNode.data);
  for (const node of document.querySelector(part).querySelectorAll('[aria-label]:not([dir])')) look(node.getAttribute('aria-label').replace(/dynamic_ports\S+/g, ''));
  return found;
}
