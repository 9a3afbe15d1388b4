// Three people meet while the server dies under them: nothing is lost, and the room never notices.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchBrowser, newPerson } from '../lib/browser.mjs';
import { Dabir } from '../lib/dabir.mjs';
import { axeProblems, screenshot } from '../lib/look.mjs';
import { InRoom } from '../lib/room.mjs';

const SIDES = {
  fa: { meeting: 'جلسهٔ برنامه‌ریزی', host: 'مریم', guests: ['علی', 'زهرا'], question: 'جلسهٔ بعد کی باشد؟', options: ['شنبه', 'دوشنبه'], hello: 'سلام از', away: 'سرور رفت؛ این هم پیام' },
  en: { meeting: 'Sprint planning', host: 'Maryam', guests: ['Ali', 'Zahra'], question: 'When do we meet next?', options: ['Saturday', 'Monday'], hello: 'Hello from', away: 'The server is gone, says' },
};

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

/** Host and guests in one room; `linkOf` says by which address the guests come. */
async function gather(lang, linkOf) {
  const side = SIDES[lang];
  const meeting = await dabir.runningMeeting(side.meeting);
  const origins = [dabir.url, `http://127.0.0.1:${meeting.port}`];
  const people = await Promise.all(
    [side.host, ...side.guests].map(async (name) => {
      const { page, strays } = await newPerson(browser, { lang, origins });
      return Object.assign(new InRoom(page, lang), { name, strays });
    }),
  );
  const [host, ...guests] = people;
  const { url } = await dabir.api('POST', `/meetings/${meeting.id}/join`, { name: host.name });
  await host.open(url);
  await host.isIn();
  for (const guest of guests) {
    await guest.open(linkOf(meeting));
    await guest.joinAs(guest.name);
  }
  return { side, meeting, people, host, guests };
}

/** Everyone reads the same messages in the same order, each once. */
async function assertSameTalk(people, texts) {
  for (const person of people) for (const text of texts) await person.reads(text);
  const talks = await Promise.all(people.map((person) => person.messages()));
  for (const talk of talks) assert.deepEqual(talk, talks[0]);
  assert.deepEqual(talks[0].toSorted(), texts.toSorted());
}

for (const lang of ['fa', 'en']) {
  test(`a killed and restarted server loses nothing of a meeting (${lang})`, async () => {
    const { side, meeting, people, host, guests } = await gather(lang, ({ url }) => url);
    const said = people.map(({ name }) => `${side.hello} ${name}`);
    for (const [i, person] of people.entries()) await person.say(said[i]);
    await assertSameTalk(people, said);

    await host.openPoll(side.question, side.options);
    for (const guest of guests) {
      await guest.raiseHand();
      await host.queue(guests.indexOf(guest) + 1);
    }
    await guests[0].vote(side.options[0]);
    await host.seesVotes([1, 0]);
    await screenshot(host.page, `room-talk-${lang}`);
    assert.deepEqual(await axeProblems(host.page), []);

    await dabir.kill9();
    for (const person of people) {
      said.push(`${side.away} ${person.name}`);
      await person.say(said.at(-1));
    }
    await screenshot(guests[1].page, `room-cut-${lang}`);
    await dabir.restart();

    await assertSameTalk(people, said);
    assert.deepEqual(await host.queue(2), side.guests);
    await guests[1].vote(side.options[1]);
    for (const person of people) await person.seesVotes([1, 1]);
    const now = await dabir.api('GET', `/meetings/${meeting.id}`);
    assert.deepEqual([now.state, now.pid, now.restarts], ['running', meeting.pid, 0]);
    assert.deepEqual(people.flatMap(({ strays }) => strays), []);
  });
}

test("people on the room's own port go on talking while there is no server", async () => {
  const { people, guests } = await gather('fa', ({ port }) => `http://127.0.0.1:${port}/`);
  await dabir.kill9();
  const said = guests.map(({ name }) => `هنوز اینجاییم، ${name}`);
  for (const [i, guest] of guests.entries()) await guest.say(said[i]);
  await assertSameTalk(guests, said);
  await dabir.restart();
  await assertSameTalk(people, said);
});
