// What can be said of webhooks and deliveries, what a webhook asks for, and what the server refuses.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Problem } from '../../api/problem';
import type { Tone } from '../../ui/Status';
import type { Attempt, Delivery, DeliveryState, Webhook, WebhookState } from './api';
import { groupOf } from './events';

interface Look {
  tone: Tone;
  word: MessageDescriptor;
}

const FAILING: Look = { tone: 'bad', word: msg`Nothing gets through` };

export const STATES: Record<WebhookState, Look & { meaning: MessageDescriptor }> = {
  on: { tone: 'live', word: msg`On`, meaning: msg`What happens is sent at once.` },
  paused: { tone: 'warn', word: msg`Paused`, meaning: msg`What happens is kept and waits.` },
  off: { tone: 'over', word: msg`Off`, meaning: msg`What happens is not kept for it.` },
};
export const STATE_NAMES = ['on', 'paused', 'off'] as const satisfies readonly WebhookState[];

export const lookOf = ({ state, failing_since }: Webhook): Look => (state === 'on' && failing_since ? FAILING : STATES[state]);

export const DELIVERY_STATES: Record<DeliveryState, Look> = {
  waiting: { tone: 'wait', word: msg`Waiting` },
  delivered: { tone: 'live', word: msg`Delivered` },
  dead: { tone: 'bad', word: msg`Given up` },
};

const RETRIED: Look = { tone: 'warn', word: msg`Is tried again` };

export const lookOfDelivery = ({ state, attempts }: Delivery): Look => (state === 'waiting' && attempts > 0 ? RETRIED : DELIVERY_STATES[state]);

/** Where it leads; the rest of its address may be a secret. */
export function hostOf({ url }: Pick<Webhook, 'url'>): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What people call it. */
export const nameOf = (webhook: Pick<Webhook, 'url' | 'description'>): string => webhook.description || hostOf(webhook);

export const ALL = '*';
export const allOf = (group: string): string => `${group}.*`;

/** Whether what is asked for has this event. */
export const asksFor = (patterns: readonly string[], event: string): boolean => [ALL, allOf(groupOf(event)), event].some((one) => patterns.includes(one));

/** The same with an event more or less. */
export const toggled = (patterns: readonly string[], pattern: string): string[] => (patterns.includes(pattern) ? patterns.filter((one) => one !== pattern) : [...patterns, pattern]);

/** With all of a group its events need not be named one by one, and with everything nothing else. */
export function tidied(patterns: readonly string[]): string[] {
  if (patterns.includes(ALL)) return [ALL];
  return patterns.filter((one) => one.endsWith('.*') || !patterns.includes(allOf(groupOf(one))));
}

/** Why nothing came back, in the words of readers; what is not known here is told as the server says it. */
const REASONS: readonly [RegExp, MessageDescriptor][] = [
  [/address inside/, msg`This address lies inside the network. Dabir sends there only when \`[egress] private\` in the configuration file lists it.`],
  [/^it did not answer within/, msg`It did not answer in time: a receiver has 15 seconds.`],
  [/redirects are not followed/, msg`It led elsewhere, and Dabir does not follow: write the address that it leads to.`],
  [/^it answered 410/, msg`It answered 410: nothing more is wanted there.`],
  [/^it answered \d/, msg`It did not answer with success, which is a status from 200 to 299.`],
  [/^no connection/, msg`There was no connection to it: look at the address, its name and its certificate.`],
  [/given up by hand/, msg`Somebody gave it up.`],
  [/turned off/, msg`The webhook was turned off.`],
];

export const reasonOf = (error: string | null | undefined): MessageDescriptor | undefined => REASONS.find(([pattern]) => pattern.test(error ?? ''))?.[1];

const WORDS: Record<string, MessageDescriptor> = {
  url: msg`Write a whole address such as https://host/path, without a password in it.`,
  description: msg`Write one line with at most 500 letters.`,
  events: msg`Choose at least one event.`,
};

/** What was refused of a field of the form. */
export function refusedAt(error: unknown, field: string): MessageDescriptor | undefined {
  if (!(error instanceof Problem) || error.code !== 'notify.invalid') return undefined;
  const refused = error.fields.find((one) => one.field === field);
  return refused && (/address inside/.test(refused.detail) ? REASONS[0]?.[1] : WORDS[field]);
}

export const gotThrough = ({ error }: Attempt): boolean => !error;

/** A body as people read it: what is no JSON stays as it is. */
export function readBody(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
