// How long a page takes to its first and largest paint on a slow telephone: a fresh browser profile,
// a processor four times as slow, 1.6 Mbit/s with 150 ms to the server.
//
//   node bench/paint.mjs http://127.0.0.1:8081/?lang=fa [runs [e-mail password]]        one line of JSON a run
//
// With an e-mail address and a password somebody is signed in before.

import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../web/', import.meta.url))('playwright-core');

const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };
const SLOWER = 4;
const ARGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];

const [url, runs = '5', email, password] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
for (let run = 0; run < Number(runs); run++) console.log(JSON.stringify(await paint(url)));
await browser.close();

async function paint(url) {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, hasTouch: true });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  if (email) await signIn(page, cdp);
  await cdp.send('Network.emulateNetworkConditions', LINE);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.goto(url, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  const times = await page.evaluate(timesOf);
  await context.close();
  return times;
}

/** Signs in without a look at any page whose parts the browser would keep. */
async function signIn(page, cdp) {
  await page.goto(new URL('/health', url).href);
  const status = await page.evaluate(login, { email, password });
  if (status !== 200) throw new Error(`the sign-in was answered with ${status}`);
  await cdp.send('Network.clearBrowserCache');
}

/** Runs in the page. */
async function login(who) {
  const headers = { 'content-type': 'application/json' };
  return (await fetch('/api/v1/auth/login', { method: 'POST', headers, body: JSON.stringify(who) })).status;
}

/** Runs in the page; all in milliseconds since the address was asked for. */
async function timesOf() {
  const largest = await new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime)).observe({ type: 'largest-contentful-paint', buffered: true });
    setTimeout(resolve, 1_000);
  });
  const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
  const [html] = performance.getEntriesByType('navigation');
  const files = performance.getEntriesByType('resource').map((file) => [file.name.split('/').pop(), Math.round(file.startTime), Math.round(file.responseEnd), file.encodedBodySize]);
  return { first, largest, html: [Math.round(html.responseStart), Math.round(html.responseEnd), html.encodedBodySize], files };
}
