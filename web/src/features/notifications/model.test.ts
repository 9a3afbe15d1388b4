import { expect, it } from 'vitest';
import type { Choices } from './api';
import { offeredOf, withChannel, wordOf } from './model';

const CHOICES: Choices = {
  offered: { mail: true, sms: false },
  events: { 'task.assigned': { inbox: true, mail: true, sms: false }, 'task.changed': { inbox: true, mail: false, sms: false } },
  digest: 'none',
  digest_hour: 8,
  timezone: 'Asia/Tehran',
  phone: null,
};

it('only what the house has is offered', () => {
  expect(offeredOf(CHOICES)).toEqual(['inbox', 'mail']);
  expect(offeredOf({ ...CHOICES, offered: { mail: false, sms: true } })).toEqual(['inbox', 'sms']);
});

it('a choice changes one channel of some events and nothing else', () => {
  const next = withChannel(CHOICES, ['task.changed'], 'mail', true);
  expect(next.events).toEqual({ ...CHOICES.events, 'task.changed': { inbox: true, mail: true, sms: false } });
  expect(CHOICES.events['task.changed']?.mail).toBe(false);
});

it('what concerns the reader is said to them', () => {
  expect(wordOf('task.assigned')?.message ?? wordOf('task.assigned')?.id).toBeDefined();
  expect(wordOf('task.assigned')).not.toEqual(wordOf('task.changed'));
  expect(wordOf('comet.seen')).toBeUndefined();
});
