// What a story sees: problems of accessibility, and pictures for people.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PICTURES } from './paths.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What React Aria says aloud stands there for some seconds after what it tells of has gone. */
const SPOKEN = '[data-live-announcer]';
const LOOKS = ['light', 'dark'].flatMap((colorScheme) => [1280, 360].map((width) => ({ colorScheme, width })));

/** What axe finds wrong, one line each: the rule and where. */
export async function axeProblems(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    // By the debugger's way in, not by a script element: the page's own policy forbids those.
    await page.evaluate(await readFile(AXE, 'utf8'));
  }
  const { violations } = await page.evaluate(([rules, spoken]) => globalThis.axe.run({ exclude: [[spoken]] }, { runOnly: rules }), [RULES, SPOKEN]);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

/** Keeps a picture under this name. */
export async function screenshot(page, name) {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** The page is accessible, and scrolls in no other way than down. */
export async function assertSound(page, name) {
  await screenshot(page, name);
  assert.deepEqual(await axeProblems(page), [], name);
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= window, `${name} is ${wide} px wide`);
}

/** The same in light and dark, wide and as narrow as a phone. */
export async function assertSoundInAllLooks(page, name) {
  for (const { colorScheme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await assertSound(page, `${name}-${colorScheme}-${width}`);
  }
}
