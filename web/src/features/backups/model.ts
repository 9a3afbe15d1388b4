// What can be said of a backup, and of all of them together.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Tone } from '../../ui/Status';
import type { Job } from '../jobs/api';
import { MAKE, type Backup, type BackupPage, type BackupState } from './api';

export const STATES: Record<BackupState, { tone: Tone; word: MessageDescriptor }> = {
  verified: { tone: 'live', word: msg`Verified` },
  unverified: { tone: 'wait', word: msg`Not verified yet` },
  failed: { tone: 'bad', word: msg`Something is wrong` },
};

const madeAt = ({ made_at }: Backup): number => Date.parse(made_at ?? '') || 0;

/**
 * The newest one that was opened and counted, and whether it is old. One that a wrong clock dated to a time to come is none
 * until then.
 */
export function newestGood({ items, old_after_secs }: BackupPage, now: number): { backup: Backup; isOld: boolean } | null {
  const good = items.filter((backup) => backup.state === 'verified' && madeAt(backup) <= now);
  const [backup] = good.sort((a, b) => madeAt(b) - madeAt(a));
  return backup ? { backup, isOld: now - madeAt(backup) > old_after_secs * 1_000 } : null;
}

/** Whether what failed last was not made good since. */
export const isStanding = (failed: Job | undefined, good: Backup | undefined): failed is Job =>
  failed !== undefined && Date.parse(failed.ended_at ?? failed.created_at) > (good ? madeAt(good) : 0);

export const isMaking = ({ kind }: Job): boolean => kind === MAKE;

/** The job that looks at a backup just now. */
export const checkOf = (alive: readonly Job[], name: string): Job | undefined => alive.find(({ unique_key }) => unique_key === `backup.verify:${name}`);

/** What brings a backup back, typed where the server runs; no name has a sign that a shell takes for its own. */
export const restoreCommand = (name: string): string => `dabir backup restore ${name}`;
