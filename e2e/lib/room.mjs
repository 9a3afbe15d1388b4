// A person in a room, by the words that people read there.

import { readFileSync } from 'node:fs';

import { inCheckout } from './paths.mjs';

/** The words that only the script of the page has. */
const SCRIPT = {
  fa: { vote: 'ثبت رأی' },
  en: { vote: 'Vote' },
};

export function wordsOf(lang) {
  const page = readFileSync(inCheckout(`web/room/locales/page.${lang}.json`), 'utf8');
  return { ...JSON.parse(page), ...SCRIPT[lang] };
}

export class InRoom {
  constructor(page, lang) {
    this.page = page;
    this.words = wordsOf(lang);
    this.lang = lang;
  }

  #button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Opens the room's page; `link` may hold a token after its `#`. */
  async open(link) {
    const url = new URL(link);
    url.searchParams.set('lang', this.lang);
    await this.page.goto(url.href);
  }

  async joinAs(name) {
    await this.page.getByLabel(this.words.name_label).fill(name);
    await this.#button(this.words.join).click();
    await this.isIn();
  }

  isIn() {
    return this.page.getByLabel(this.words.message_label).waitFor();
  }

  async say(text) {
    await this.page.getByLabel(this.words.message_label).fill(text);
    await this.#button(this.words.send).click();
  }

  /** Waits until everyone can read `text` here, not only its writer. */
  async reads(text) {
    await this.page.locator('#messages').getByText(text, { exact: true }).waitFor();
  }

  /** All messages that the room took, in the order shown. */
  messages() {
    return this.page.locator('#messages li.msg > p').allInnerTexts();
  }

  async raiseHand() {
    await this.#button(this.words.raise_hand).click();
    await this.#button(this.words.lower_hand).first().waitFor();
  }

  /** The names in the queue of those who wish to speak, once there are `count`. */
  async queue(count) {
    await this.page.locator('#hand-list > li').nth(count - 1).waitFor();
    return this.page.locator('#hand-list > li .who').allInnerTexts();
  }

  async openPoll(question, options) {
    await this.#button(this.words.new_poll).click();
    const box = this.page.getByRole('dialog', { name: this.words.new_poll });
    await box.getByLabel(this.words.question).fill(question);
    await box.getByLabel(this.words.options).fill(options.join('\n'));
    await box.getByRole('button', { name: this.words.open_poll }).click();
    await box.waitFor({ state: 'hidden' });
  }

  async vote(option) {
    // Its result stands in the same label, after the option.
    await this.page.getByRole('radio', { name: new RegExp(`^${option}`) }).check();
    await this.#button(this.words.vote).click();
  }

  /** Waits until the only poll shows these votes, in the order of its options. */
  async seesVotes(counts) {
    for (const [option, votes] of counts.entries()) {
      await this.page.locator(`#poll-list .choice:nth-child(${option + 1}) progress[value="${votes}"]`).waitFor({ state: 'attached' });
    }
  }
}
