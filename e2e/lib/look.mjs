// What a story sees: problems of accessibility, and pictures for people.

import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';

import { inCheckout } from './paths.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong, one line each: the rule and where. */
export async function axeProblems(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    // By the debugger's way in, not by a script element: the page's own policy forbids those.
    await page.evaluate(await readFile(AXE, 'utf8'));
  }
  const { violations } = await page.evaluate((rules) => globalThis.axe.run({ runOnly: rules }), RULES);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

/** Keeps a picture as `target/screenshots/NAME.png`. */
export async function screenshot(page, name) {
  await mkdir(inCheckout('target/screenshots'), { recursive: true });
  await page.screenshot({ path: inCheckout(`target/screenshots/${name}.png`) });
}
