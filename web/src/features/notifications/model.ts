// What people can choose, in their own words, and what a choice changes.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { EVENTS } from '../webhooks/events';
import type { Channels, Choices, Digest } from './api';

export type Channel = keyof Channels;

export const CHANNELS: Record<Channel, MessageDescriptor> = { inbox: msg`Inbox`, mail: msg`E-mail`, sms: msg`Text message` };

/** The channels that this house has; everybody has an inbox. */
export const offeredOf = ({ offered }: Choices): Channel[] => ['inbox', ...(offered.mail ? (['mail'] as const) : []), ...(offered.sms ? (['sms'] as const) : [])];

export const DIGESTS: Record<Digest, MessageDescriptor> = { none: msg`At once`, hourly: msg`Every hour`, daily: msg`Once a day` };
export const DIGEST_NAMES = ['none', 'hourly', 'daily'] as const satisfies readonly Digest[];

/** What concerns the reader is said to them. */
const OWN: Record<string, MessageDescriptor> = {
  'task.assigned': msg`You are given a task`,
  'task.mentioned': msg`You are named at a task`,
  'document.shared': msg`A document is shared with you`,
  'document.mentioned': msg`You are named in a document`,
};

export const wordOf = (event: string): MessageDescriptor | undefined => OWN[event] ?? EVENTS[event];

/** The same with one channel of some events on or off. */
export function withChannel(choices: Choices, names: readonly string[], channel: Channel, isOn: boolean): Choices {
  const changed = Object.entries(choices.events).map(([name, channels]) => [name, names.includes(name) ? { ...channels, [channel]: isOn } : channels] as const);
  return { ...choices, events: Object.fromEntries(changed) };
}
