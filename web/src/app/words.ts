// The words of each language, loaded when it is chosen.

import { i18n, type Messages } from '@lingui/core';
import type { Lang, Preferences } from '../lib/preferences';
import { speak } from '../ui/aria/strings';

const CATALOGS: Record<Lang, () => Promise<{ messages: Messages }>> = {
  fa: () => import('../locales/fa.po'),
  en: () => import('../locales/en.po'),
};

/** Loads the words of a reader's language and makes them those of the page. */
export async function loadWords({ lang, digits }: Preferences): Promise<void> {
  const { messages } = await CATALOGS[lang]();
  speak(lang);
  i18n.load(lang, messages);
  i18n.activate(lang, [`${lang}-u-nu-${digits}`]);
}
