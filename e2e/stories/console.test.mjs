// The way into the console and the first things done there, against the server that carries it. What its pages do beyond
// that is told in web/src/browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser, newPerson } from '../lib/browser.mjs';
import { Dabir } from '../lib/dabir.mjs';
import { assertSound, assertSoundInAllLooks } from '../lib/look.mjs';
import { InRoom } from '../lib/room.mjs';
import { until } from '../lib/until.mjs';

const WORDS = {
  fa: {
    signIn: 'ورود', signOut: 'خروج', name: 'نام', email: 'نشانی ایمیل', password: 'گذرواژه', account: /^حساب شما/, overview: /^نمای کلی/, ports: 'پورت‌ها', signInTitle: 'ورود به دبیر',
    newMeeting: 'جلسهٔ تازه', make: 'ساختن و آغاز کردن', enter: 'ورود به جلسه', end: 'پایان دادن', close: 'بستن', live: 'در جریان', ended: 'پایان‌یافته',
    meeting: 'جلسهٔ شورا', person: 'مریم', wrong: /گذرواژه درست نیست/, spent: /پیش‌تر به کار رفته/, nothing: 'اینجا چیزی نیست', welcome: /خوش آمدید/,
  },
  en: {
    signIn: 'Sign in', signOut: 'Sign out', name: 'Name', email: 'E-mail address', password: 'Password', account: /^Your account/, overview: /^Overview/, ports: 'Ports', signInTitle: 'Sign in to Dabir',
    newMeeting: 'New meeting', make: 'Make and start', enter: 'Enter', end: 'End', close: 'Close', live: 'Live', ended: 'Ended',
    meeting: 'Council', person: 'Maryam', wrong: /password is wrong/, spent: /used already/, nothing: 'Nothing is here', welcome: /Welcome/,
  },
};
const PASSWORD = 'seven quiet rivers';
const PHONE = { width: 360, height: 800 };

let dabir;
let browser;

before(async () => {
  dabir = await Dabir.start();
  browser = await launchBrowser();
  for (const lang of ['fa', 'en']) {
    await makePerson(`${lang}@example.org`, WORDS[lang].person, 'operator', lang);
    await makePerson(`guest.${lang}@example.org`, WORDS[lang].person, 'participant', lang);
  }
});

after(async () => {
  await browser?.close();
  await dabir?.stop();
});

const makePerson = (email, name, role, language) => dabir.api('POST', '/users', { email, name, role, language, password: PASSWORD });

/** Somebody at a house; `leave` fails when a page erred, broke its policy or asked another host. */
async function visitor(lang, { house = dabir, ...options } = {}) {
  const person = await newPerson(browser, { lang, origins: [house.url], ...options });
  const leave = async (expected = []) => {
    await person.context.close();
    const unexpected = person.troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)));
    assert.deepEqual([...person.strays, ...unexpected], []);
  };
  return { ...person, words: WORDS[lang], leave };
}

async function signIn(page, words, email, password = PASSWORD) {
  await page.getByLabel(words.email).fill(email);
  await page.getByLabel(words.password).fill(password);
  await page.getByRole('button', { name: words.signIn, exact: true }).click();
}

const heading = (page, name) => page.getByRole('heading', { level: 1, name });
const liveMark = (page) => page.locator('[role=status] [data-tone=live]').waitFor();

for (const lang of ['fa', 'en']) {
  test(`the first admin comes in by the link and is at the overview (${lang})`, async () => {
    const house = await Dabir.start();
    try {
      const { url } = await house.api('POST', '/auth/links');
      for (const method of ['HEAD', 'GET']) assert.equal((await fetch(url, { method })).status, 200);
      // The browser speaks the other language; what is chosen here holds.
      const { page, words, leave } = await visitor(lang, { house, viewport: PHONE });
      await page.goto(`${url}?lang=${lang === 'fa' ? 'en' : 'fa'}`);
      const other = WORDS[lang === 'fa' ? 'en' : 'fa'];
      await assertSoundInAllLooks(page, `first-run-${lang}`);
      await page.getByRole('combobox').selectOption(lang);
      await page.getByLabel(other.name, { exact: true }).fill(words.person);
      await page.getByLabel(other.email).fill('maryam@example.org');
      await page.getByLabel(other.password).fill(PASSWORD);
      await page.getByRole('button', { name: other.signIn, exact: true }).click();
      await heading(page, words.overview).waitFor();
      await liveMark(page);
      assert.equal(new URL(page.url()).pathname, '/');
      assert.equal(await page.getAttribute('html', 'lang'), lang);
      await assertSound(page, `first-overview-${lang}`);
      await page.goto(url);
      await heading(page, words.spent).waitFor();
      await page.getByText('dabir admin link', { exact: true }).waitFor();
      await assertSoundInAllLooks(page, `spent-${lang}`);
      await leave([/404/]);
    } finally {
      await house.stop();
    }
  });

  test(`a stranger signs in and comes back to where they were going (${lang})`, async () => {
    const { page, words, leave } = await visitor(lang, { viewport: PHONE });
    await page.goto(`${dabir.url}/ports?port=4000`);
    await heading(page, words.signInTitle).waitFor();
    await assertSoundInAllLooks(page, `sign-in-${lang}`);
    await signIn(page, words, `${lang}@example.org`, 'not the password');
    await page.getByRole('alert').getByText(words.wrong).waitFor();
    await assertSoundInAllLooks(page, `sign-in-wrong-${lang}`);
    await page.getByLabel(words.password).fill(PASSWORD);
    await page.getByRole('button', { name: words.signIn, exact: true }).click();
    await heading(page, words.ports).waitFor();
    assert.match(page.url(), /\/ports\?port=4000$/);
    await liveMark(page);
    await page.reload();
    await heading(page, words.ports).waitFor();
    await page.goto(`${dabir.url}/nowhere`);
    await heading(page, words.nothing).waitFor();
    await assertSound(page, `nowhere-${lang}`);
    await page.getByRole('button', { name: words.account }).click();
    await page.getByRole('menuitem', { name: words.signOut }).click();
    await heading(page, words.signInTitle).waitFor();
    await leave([/401/, /404/]);
  });

  test(`a meeting is made, entered and ended (${lang})`, async () => {
    const { page, context, words, leave } = await visitor(lang, { viewport: PHONE });
    await page.goto(dabir.url);
    await signIn(page, words, `${lang}@example.org`);
    await page.getByRole('link', { name: words.newMeeting }).first().click();
    await page.getByRole('textbox', { name: words.name }).fill(words.meeting);
    await page.getByRole('button', { name: words.make }).click();
    await heading(page, new RegExp(`${words.meeting}\\s*${words.live}`)).waitFor();
    await assertSound(page, `meeting-${lang}`);
    await page.reload();
    await heading(page, new RegExp(words.meeting)).waitFor();
    const [room] = await Promise.all([context.waitForEvent('page'), page.getByRole('button', { name: words.enter, exact: true }).click()]);
    await room.waitForURL(/\/rooms\/[a-z0-9]+\//);
    await new InRoom(room, lang).isIn();
    await room.close();
    await page.getByRole('button', { name: words.end, exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: words.close }).click();
    await heading(page, new RegExp(`${words.meeting}\\s*${words.ended}`)).waitFor();
    await leave();
  });

  test(`who runs nothing reads where to go (${lang})`, async () => {
    const { page, words, leave } = await visitor(lang);
    await page.goto(dabir.url);
    await signIn(page, words, `guest.${lang}@example.org`);
    await heading(page, words.welcome).waitFor();
    await assertSoundInAllLooks(page, `welcome-${lang}`);
    await leave();
  });

  test(`the ways in need no script (${lang})`, async () => {
    const { page, words, leave } = await visitor(lang, { javaScriptEnabled: false });
    await page.goto(`${dabir.url}/meetings`);
    await signIn(page, words, `guest.${lang}@example.org`);
    await heading(page, words.welcome).waitFor();
    assert.match(page.url(), /\/meetings$/);
    await page.getByRole('button', { name: words.signOut }).click();
    await heading(page, words.signInTitle).waitFor();
    await leave();
  });
}

test('who is signed in and follows a link on another site is not asked to sign in again', async () => {
  const { page, words, leave } = await visitor('en');
  await page.goto(dabir.url);
  await signIn(page, words, 'en@example.org');
  await heading(page, words.overview).waitFor();
  await page.goto('about:blank');
  await page.setContent(`<a href="${dabir.url}/ports?port=4000">ports</a>`);
  await page.getByRole('link').click();
  await heading(page, words.ports).waitFor();
  assert.match(page.url(), /\/ports\?port=4000$/);
  await leave();
});

test('a stranger who follows a link on another site is asked once', async () => {
  const { page, words, leave } = await visitor('en');
  await page.goto('about:blank');
  await page.setContent(`<a href="${dabir.url}/ports">ports</a>`);
  await page.getByRole('link').click();
  await page.waitForURL(/\/sign-in\?next=%2Fports$/);
  await signIn(page, words, 'en@example.org');
  await until('the page that was asked for', () => page.url() === `${dabir.url}/ports`);
  await heading(page, words.ports).waitFor();
  await leave();
});
