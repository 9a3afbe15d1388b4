// Participants open a meeting's address: too early, in time, without a script, as members, and too late.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser, newPerson } from '../lib/browser.mjs';
import { Dabir } from '../lib/dabir.mjs';
import { assertSound, assertSoundInAllLooks } from '../lib/look.mjs';
import { InRoom } from '../lib/room.mjs';
import { until } from '../lib/until.mjs';

const WORDS = {
  fa: { meeting: 'برنامه‌ریزی اسپرینت', name: 'نام شما', join: 'پیوستن به جلسه', ready: /^آماده‌اید/, early: /^نامتان را بنویسید/, person: 'زهرا', typed: 'سارا‌خانم ۱۲', said: 'سلام، آمدم', refused: /پذیرفته نمی‌شود/, over: /پایان یافت\./, off: /لغو شد/, calendar: 'افزودن به تقویم', yours: /^به وقت شما/ },
  en: { meeting: 'Sprint planning', name: 'Your name', join: 'Join meeting', ready: /^You are ready/, early: /^Write your name/, person: 'Zahra', typed: 'Sara ۱۲', said: 'Hello, here I am', refused: /is not accepted/, over: /ended on/, off: /called off before/, calendar: 'Add to calendar', yours: /^Your time/ },
};
const PHONE = { width: 360, height: 640 };
const LOOKS = { fa: { viewport: PHONE, hasTouch: true, isMobile: true }, en: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' } };
const HOUR = 3_600;

let dabir;
let browser;

before(async () => {
  dabir = await Dabir.start();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await dabir?.stop();
});

const makeMeeting = (lang, more = {}) => dabir.api('POST', '/meetings', { name: WORDS[lang].meeting, ...more });
const inSeconds = (seconds) => new Date(Date.now() + seconds * 1_000).toISOString();
const linkIn = (lang, { join_url }) => `${join_url}?lang=${lang}`;

/** Somebody with a browser; `leave` fails when a page erred, broke its policy or asked another host. */
async function visitor(lang, options = {}) {
  const person = await newPerson(browser, { lang, origins: [dabir.url], ...options });
  const leave = async (expected = /^$/) => {
    await person.context.close();
    const unexpected = person.troubles.filter((trouble) => !expected.test(trouble));
    assert.deepEqual([...person.strays, ...unexpected], []);
  };
  return { ...person, words: WORDS[lang], leave };
}

for (const lang of ['fa', 'en']) {
  test(`whoever waits for the start is let in by themselves, and talks (${lang})`, async () => {
    const meeting = await makeMeeting(lang, { date_time: inSeconds(10) });
    const { page, words, leave } = await visitor(lang, LOOKS[lang]);
    await page.goto(linkIn(lang, meeting));
    await page.getByText(words.early).waitFor();
    await page.getByRole('link', { name: words.calendar }).waitFor();
    await page.getByLabel(words.name).fill(words.typed);
    await page.getByText(words.ready).waitFor();
    await assertSound(page, `join-ready-${lang}`);
    const room = new InRoom(page, lang);
    await room.isIn();
    assert.ok(!page.url().includes('token'), page.url());
    await room.say(words.said);
    await room.reads(words.said);
    const { items } = await dabir.api('GET', `/meetings/${meeting.id}/participants`);
    assert.deepEqual(items.map(({ name, role }) => [name, role]), [[words.typed, 'participant']]);

    // Going back does not send them in again; the name is known, and one tap leads in.
    await page.goBack();
    await page.getByRole('button', { name: words.join }).waitFor();
    assert.equal(await page.getByLabel(words.name).inputValue(), words.typed);
    await page.getByRole('button', { name: words.join }).click();
    await room.isIn();
    await leave();
  });

  test(`the countdown is right on a device whose clock is wrong (${lang})`, async () => {
    const meeting = await makeMeeting(lang, { date_time: inSeconds(HOUR) });
    const { page, context, leave } = await visitor(lang, { timezoneId: 'America/New_York' });
    await context.addInitScript((wrong) => {
      const now = Date.now.bind(Date);
      const origin = performance.timeOrigin;
      Date.now = () => now() + wrong;
      Object.defineProperty(performance, 'timeOrigin', { get: () => origin + wrong });
    }, 5 * HOUR);
    await page.goto(linkIn(lang, meeting));
    await page.getByText(WORDS[lang].yours).waitFor();
    const shown = await page.getByRole('timer').textContent();
    const parts = shown.replace(/[۰-۹]/g, (digit) => digit.charCodeAt(0) & 15).split(':').map(Number);
    const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
    const left = (Date.parse(meeting.date_time) - Date.now()) / 1_000;
    assert.ok(Math.abs(seconds - left) < 3, `${shown}, and it is ${left} s`);
    await leave();
  });

  test(`every state is sound in every look (${lang})`, async () => {
    const { page, words, leave } = await visitor(lang);
    const shows = async (state, meeting) => {
      await page.goto(linkIn(lang, meeting));
      await page.locator(`main[data-standing="${state}"]`).waitFor();
      await assertSoundInAllLooks(page, `join-${state}-${lang}`);
    };
    const off = await makeMeeting(lang, { date_time: inSeconds(HOUR) });
    await shows('soon', off);
    await dabir.api('POST', `/meetings/${off.id}/stop`);
    await until('it is called off', async () => (await dabir.api('GET', `/meetings/${off.id}`)).state === 'ended');
    await shows('off', off);
    await page.getByText(words.off).waitFor();
    await shows('late', await makeMeeting(lang, { is_running: false }));

    const open = await dabir.runningMeeting(words.meeting);
    await shows('open', open);
    await page.getByLabel(words.name).fill('\u200c');
    await page.getByRole('button', { name: words.join }).click();
    await page.getByText(words.refused).waitFor();
    await assertSoundInAllLooks(page, `join-refused-${lang}`);
    const failed = await makeMeeting(lang, { port: open.port });
    await until('it fails', async () => (await dabir.api('GET', `/meetings/${failed.id}`)).state === 'failed');
    await shows('failed', failed);
    // A name that nobody can see is none.
    await page.getByText(words.early).waitFor();

    await dabir.api('POST', `/meetings/${open.id}/stop`);
    await until('it ends', async () => (await dabir.api('GET', `/meetings/${open.id}`)).state === 'ended');
    await shows('over', open);
    await page.getByText(words.over).waitFor();
    await leave(/422/);
  });

  test(`without a script the page refreshes itself and leads in (${lang})`, async () => {
    const meeting = await makeMeeting(lang, { date_time: inSeconds(4) });
    const { page, words, leave } = await visitor(lang, { javaScriptEnabled: false, viewport: PHONE });
    await page.goto(linkIn(lang, meeting));
    assert.equal(await page.getByLabel(words.name).isVisible(), false);
    await page.getByRole('button', { name: words.join }).waitFor();
    await page.getByLabel(words.name).fill(words.typed);
    await page.getByRole('button', { name: words.join }).click();
    await page.waitForURL(/\/rooms\/[a-z0-9]+\/\?lang=/);
    assert.equal(await page.getAttribute('html', 'lang'), lang);
    await leave();
  });

  test(`a member comes in under their own name with one click (${lang})`, async () => {
    const account = { email: `${lang}@example.org`, name: WORDS[lang].person, role: 'writer', language: lang, password: 'seven quiet rivers' };
    await dabir.api('POST', '/users', account);
    const meeting = await dabir.runningMeeting(WORDS[lang].meeting);
    const { page, context, words, leave } = await visitor(lang);
    await context.request.post(`${dabir.url}/api/v1/auth/login`, { data: { email: account.email, password: account.password } });
    // As from a letter on the web: the browser does not say who they are until a page of ours asks.
    await context.route('https://mail.example/', (route) => route.fulfill({ contentType: 'text/html', body: `<a href="${meeting.join_url}">x</a>` }));
    await page.goto('https://mail.example/');
    await page.getByRole('link').click();
    await page.getByText(words.person).waitFor();
    await assertSoundInAllLooks(page, `join-member-${lang}`);
    await page.getByRole('button', { name: words.join }).click();
    await new InRoom(page, lang).isIn();
    const { items } = await dabir.api('GET', `/meetings/${meeting.id}/participants`);
    assert.deepEqual(items.map(({ name }) => name), [words.person]);
    await leave();
  });
}
