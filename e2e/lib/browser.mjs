// Debian's Chromium without a window, and people in it who may talk to nobody but the product.

import { chromium } from 'playwright-core';

import { CHROMIUM } from './paths.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(...flags) {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

/**
 * A person with a browser of their own: `page`; `strays`, all that the page asked of others than
 * `origins`, which is stopped; `troubles`, what pages logged as errors, breaks of their policy among
 * them. A story ends by asserting that there were none.
 */
export async function newPerson(browser, { lang, origins, ...options }) {
  const context = await browser.newContext({
    locale: lang === 'fa' ? 'fa-IR' : 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  const strays = [];
  const isOurs = (url) => !url.protocol.match(/^(http|ws)/) || origins.includes(url.origin.replace(/^ws/, 'http'));
  await context.route('**/*', (route) => {
    if (isOurs(new URL(route.request().url()))) return route.continue();
    strays.push(route.request().url());
    return route.abort();
  });
  const troubles = [];
  context.on('weberror', (error) => troubles.push(error.error().message));
  context.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  const page = await context.newPage();
  page.on('websocket', (socket) => isOurs(new URL(socket.url())) || strays.push(socket.url()));
  return { context, page, strays, troubles };
}
