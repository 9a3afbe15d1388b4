// What the page itself shows of its reader's wishes.

import type { Preferences } from './preferences';

/** Writes onto the page what styles and screen readers go by. */
export function dress(html: HTMLElement, { lang, theme, density }: Preferences): void {
  html.lang = lang;
  html.dir = lang === 'fa' ? 'rtl' : 'ltr';
  html.dataset.theme = theme;
  html.dataset.density = density;
}
