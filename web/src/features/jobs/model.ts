// What can be said and done about a job in each of its states, and about all of them together.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { latinDigits } from '../../lib/digits';
import type { Tone } from '../../ui/Status';
import type { CatchUp, Filter, Job, JobState, Queue, Worker } from './api';

interface Look {
  tone: Tone;
  word: MessageDescriptor;
}

export const STATES: Record<JobState, Look> = {
  queued: { tone: 'wait', word: msg`Waiting` },
  running: { tone: 'live', word: msg`Running` },
  succeeded: { tone: 'over', word: msg`Succeeded` },
  failed: { tone: 'bad', word: msg`Failed` },
  set_aside: { tone: 'warn', word: msg`Set aside` },
  cancelled: { tone: 'over', word: msg`Cancelled` },
};

const LATER: Look = { tone: 'wait', word: msg`For later` };
const ENDING: Look = { tone: 'wait', word: msg`Being cancelled` };

/** The order in which people look for them. */
export const STATE_NAMES: readonly JobState[] = ['running', 'queued', 'failed', 'set_aside', 'succeeded', 'cancelled'];

export function lookOf({ state, is_ending, run_at }: Job, now: number): Look {
  if (is_ending) return ENDING;
  return state === 'queued' && Date.parse(run_at) > now ? LATER : STATES[state];
}

/** Kinds that people know by name; others show the one they have in the program. */
export const KINDS: Record<string, MessageDescriptor> = {
  backup: msg`Backup`,
  'backup.verify': msg`Backup verified`,
  'sync.run': msg`Data sync`,
  'webhook.deliver': msg`Sending to a webhook`,
  'mail.send': msg`Mail`,
  'mail.digest': msg`Mail about all that came`,
  'sms.send': msg`Text message`,
};

/** How an attempt ended; words that the server may learn later are shown as they come. */
export const OUTCOMES: Record<string, Look> = {
  error: { tone: 'warn', word: msg`An error, to be tried again` },
  failed: { tone: 'bad', word: msg`Failed for good` },
  crashed: { tone: 'bad', word: msg`Its worker died` },
  cancelled: { tone: 'over', word: msg`Cancelled` },
  timed_out: { tone: 'warn', word: msg`Took too long` },
};

export const CATCH_UP: Record<CatchUp, { word: MessageDescriptor; meaning: MessageDescriptor }> = {
  skip: { word: msg`Left out`, meaning: msg`What was missed is not made good; the next time comes.` },
  once: { word: msg`Made good once`, meaning: msg`One run makes good all that was missed.` },
  all: { word: msg`Made good each`, meaning: msg`Every missed time gets a run of its own, a hundred at most.` },
};

export const RULES: readonly CatchUp[] = ['skip', 'once', 'all'];

export const isEnded = ({ state }: Job): boolean => state !== 'queued' && state !== 'running';
export const canCancel = (job: Job): boolean => !isEnded(job) && !job.is_ending;

export type Order = 'retry' | 'cancel';

/** The states that an order for many changes. */
export const CHANGED: Record<Order, readonly JobState[]> = {
  retry: ['failed', 'set_aside', 'cancelled'],
  cancel: ['queued', 'running'],
};

/** The states among what a list shows that an order would change. */
export const meant = (order: Order, { state }: Filter): readonly JobState[] => CHANGED[order].filter((one) => !state || one === state);

/** The schedule that made a job, by itself or because somebody asked it to. */
export function scheduleOf({ created_by, unique_key }: Job): string | null {
  const byItself = /^schedule (.+)$/.exec(created_by)?.[1];
  return byItself ?? /^schedule:(.+)$/.exec(unique_key ?? '')?.[1] ?? null;
}

/** What all queues hold together. */
export interface Sum {
  waiting: number;
  later: number;
  running: number;
  failed: number;
  /** Since when the oldest due job waits, in a queue that is worked off. */
  oldest: string | null;
  paused: readonly Queue[];
  hasWorker: boolean;
}

export function sum(queues: readonly Queue[], workers: readonly Worker[]): Sum {
  const total = (of: (queue: Queue) => number) => queues.reduce((sum, queue) => sum + of(queue), 0);
  const waits = queues.flatMap(({ oldest }) => oldest ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  return {
    waiting: total(({ waiting }) => waiting),
    later: total(({ later }) => later),
    running: total(({ running }) => running),
    failed: total(({ failed }) => failed),
    oldest: waits[0] ?? null,
    paused: queues.filter(({ paused_at }) => paused_at),
    hasWorker: workers.length > 0,
  };
}

/** A number with or without a part after its point, in any digits; `null` when it is none. */
export function readDecimal(text: string): number | null {
  const plain = latinDigits(text).trim().replace('٫', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

/** What a text means as JSON, or the line on which it stops being some. */
export function readJson(text: string): { value: unknown } | { line: number | null } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const place = /position (\d+)/.exec(String(error))?.[1];
    return { line: place ? text.slice(0, Number(place)).split('\n').length : null };
  }
}
