import { expect, it } from 'vitest';
import type { Job } from '../jobs/api';
import type { Backup, BackupPage } from './api';
import { checkOf, isStanding, newestGood } from './model';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const backup = (made_at: string, state: Backup['state'] = 'verified'): Backup => ({ name: `of ${made_at}`, made_at, state, size_bytes: 1 });
const failed = (ended_at: string) => ({ ended_at, created_at: ended_at }) as Job;
const page = (...items: Backup[]): BackupPage => ({ items, old_after_secs: 2 * 86_400 });

it('the newest good backup is the newest that is verified, and old after the time that the server says', () => {
  const all = [backup('2026-11-21T03:30:00Z', 'unverified'), backup('2026-11-18T03:30:00Z'), backup('2026-11-20T03:30:00Z')];
  expect(newestGood(page(...all), NOW)).toEqual({ backup: all[2], isOld: false });
  expect(newestGood({ items: all, old_after_secs: 86_400 }, NOW)?.isOld).toBe(true);
  expect(newestGood(page(all[1]!), NOW)?.isOld).toBe(true);
  expect(newestGood(page(all[0]!), NOW)).toBeNull();
});

it('one of a time to come hides neither the age of the others nor a failure', () => {
  const good = backup('2026-11-20T03:30:00Z');
  expect(newestGood(page(backup('2030-01-01T03:30:00Z'), good), NOW)).toEqual({ backup: good, isOld: false });
});

it('a failure stands until a good backup was made after it', () => {
  expect(isStanding(failed('2026-11-21T03:30:00Z'), backup('2026-11-20T03:30:00Z'))).toBe(true);
  expect(isStanding(failed('2026-11-21T03:30:00Z'), backup('2026-11-21T04:00:00Z'))).toBe(false);
  expect(isStanding(failed('2026-11-21T03:30:00Z'), undefined)).toBe(true);
  expect(isStanding(undefined, undefined)).toBe(false);
});

it('a job that verifies is that of its own backup', () => {
  const job = { unique_key: 'backup.verify:a' } as Job;
  expect(checkOf([job], 'a')).toBe(job);
  expect(checkOf([job], 'b')).toBeUndefined();
});
