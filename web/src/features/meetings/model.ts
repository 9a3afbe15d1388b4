// What can be said and done about a meeting in each of its states.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { components } from '../../api/schema.gen';
import type { Tone } from '../../ui/Status';

export type Meeting = components['schemas']['MeetingView'];
export type MeetingDetail = components['schemas']['MeetingDetail'];
export type Totals = components['schemas']['Totals'];
export type MeetingState = components['schemas']['MeetingState'];
export type Step = components['schemas']['StepView'];

export const STATES: Record<MeetingState, { tone: Tone; word: MessageDescriptor }> = {
  scheduled: { tone: 'wait', word: msg`Scheduled` },
  starting: { tone: 'wait', word: msg`Starting` },
  running: { tone: 'live', word: msg`Live` },
  held: { tone: 'warn', word: msg`Held` },
  stopping: { tone: 'wait', word: msg`Ending` },
  ended: { tone: 'over', word: msg`Ended` },
  failed: { tone: 'bad', word: msg`Failed` },
};

/** The order in which people look for them. */
export const STATE_NAMES: readonly MeetingState[] = ['running', 'starting', 'held', 'failed', 'scheduled', 'stopping', 'ended'];

/** What the supervisor would do; words that it may learn later are shown as they come. */
export const ACTIONS: Record<string, MessageDescriptor> = {
  start: msg`start its room`,
  fail: msg`leave it failed`,
  keep: msg`keep its room`,
  update: msg`tell its room what changed`,
  hold: msg`hold its room`,
  stop: msg`stop its room`,
  rest: msg`leave it at rest`,
};

export const isLive = ({ state }: Meeting): boolean => state === 'running' || state === 'starting' || state === 'held';

export const canStart = ({ state, end_time }: Meeting, now: number): boolean =>
  (state === 'scheduled' || state === 'ended' || state === 'failed') && Date.parse(end_time) > now;

export const canExtend = ({ state }: Meeting): boolean => state !== 'stopping';

export const canRemove = ({ state, source }: Meeting): boolean =>
  source !== 'django' && (state === 'scheduled' || state === 'ended' || state === 'failed');
