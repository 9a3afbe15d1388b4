// The language of the page stands in its address; the last one chosen is remembered.

import type { Lang } from './calendar';

const KEY = 'dabir.lang';

/** Goes to the remembered language when the address names none; true when the page is about to change. */
export function settleLanguage(lang: Lang): boolean {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a.lang')) link.addEventListener('click', () => keep(link.hreflang));
  const asked = new URLSearchParams(location.search);
  const wanted = kept();
  if (asked.has('lang') || !wanted || wanted === lang) return false;
  asked.set('lang', wanted);
  location.replace(`?${asked}${location.hash}`);
  return true;
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(lang: string): void {
  try {
    localStorage.setItem(KEY, lang);
  } catch {
    // Without storage the browser's own languages decide.
  }
}
