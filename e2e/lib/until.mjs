// Waiting for something to become true, with a deadline that says what was awaited.

import { setTimeout as pause } from 'node:timers/promises';

/** Asks `question` until it answers something truthy, and gives that answer. */
export async function until(what, question, deadline = 20_000) {
  const end = performance.now() + deadline;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${deadline} ms`);
    await pause(20);
  }
}
