// What axe has against a page, for the browser tests.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What every page keeps. */
export const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What breaks these rules, or rules of these tags, in a part of a page: the rule, and where. */
export async function violations(page, part = 'html', rules = TAGS) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return page.evaluate(run, [part, rules]);
}

/** Runs in the page. */
async function run([part, rules]) {
  // What React Aria has just said stays for a while where nobody sees it, also when the box that it named is gone.
  const where = { include: part, exclude: '[data-live-announcer]' };
  const { violations } = await globalThis.axe.run(where, { runOnly: rules, resultTypes: ['violations'] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any, all }) => [html, ...[...any, ...all].map(({ message }) => message)].join(' ')).join('; ')}`);
}
