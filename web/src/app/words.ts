// The words of each language, loaded when it is chosen, and those of some pages when one is gone to.

import { i18n, type Messages } from '@lingui/core';
import type { Lang, Preferences } from '../lib/preferences';
import { speak, type Words } from '../ui/aria/strings';

type Catalog = Record<Lang, () => Promise<{ messages: Messages }>>;

const FIRST: Catalog = {
  fa: () => import('../locales/fa.po'),
  en: () => import('../locales/en.po'),
};

const SYSTEM: Catalog = {
  fa: () => import('../locales/system/fa.po'),
  en: () => import('../locales/system/en.po'),
};

const WRITE: Catalog = {
  fa: () => import('../locales/write/fa.po'),
  en: () => import('../locales/write/en.po'),
};

const SPOKEN: Record<Lang, () => Promise<Words>> = {
  fa: async () => (await import('../ui/aria/fa')).persian,
  en: async () => (await import('../ui/aria/en')).english,
};

const wanted = new Set([FIRST]);

/** Loads the words of a reader's language and makes them those of the page. */
export async function loadWords({ lang, digits }: Preferences): Promise<void> {
  const [spoken, ...catalogs] = await Promise.all([SPOKEN[lang](), ...[...wanted].map((catalog) => catalog[lang]())]);
  speak(lang, spoken);
  for (const { messages } of catalogs) i18n.load(lang, messages);
  i18n.activate(lang, [`${lang}-u-nu-${digits}`]);
}

/** A page of the system with its words. */
export const withSystemWords = <Page>(page: Promise<Page>): Promise<Page> => withWords(SYSTEM, page);

/** A page where people write and work, with its words. */
export const withWriteWords = <Page>(page: Promise<Page>): Promise<Page> => withWords(WRITE, page);

async function withWords<Page>(catalog: Catalog, page: Promise<Page>): Promise<Page> {
  const lang: Lang = i18n.locale === 'en' ? 'en' : 'fa';
  wanted.add(catalog);
  const { messages } = await catalog[lang]();
  i18n.load(lang, messages);
  return page;
}
