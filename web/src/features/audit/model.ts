// The words of the audit, and what differs between before and after.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Thing } from './api';

/** The kinds of things that are changed; the first part of an action. */
export const KINDS: Record<string, MessageDescriptor> = {
  meeting: msg`Meetings`,
  port: msg`Ports`,
  user: msg`Users`,
  session: msg`Sessions`,
  token: msg`Tokens`,
  link: msg`One-time links`,
  client: msg`Clients`,
  job: msg`Jobs`,
  queue: msg`Queues`,
  schedule: msg`Schedules`,
  setting: msg`Settings`,
  webhook: msg`Webhooks`,
  notification: msg`Notifications`,
  sample: msg`Sample data`,
};

export const ACTIONS: Record<string, MessageDescriptor> = {
  'meeting.create': msg`Meeting made`,
  'meeting.change': msg`Meeting changed`,
  'meeting.start': msg`Meeting started`,
  'meeting.stop': msg`Meeting ended`,
  'meeting.extend': msg`Meeting extended`,
  'meeting.delete': msg`Meeting removed`,
  'meeting.find': msg`Meeting came from its source`,
  'meeting.take_over': msg`Meeting taken over from a lost server`,
  'meeting.vanish': msg`Meeting vanished from its source`,
  'port.pick': msg`Port picked`,
  'port.release': msg`Port released`,
  'port.restore': msg`Ports restored from a backup`,
  'user.first': msg`First administrator made`,
  'user.create': msg`Account made`,
  'user.accept': msg`Invitation accepted`,
  'user.change': msg`Account changed`,
  'user.block': msg`Kept out`,
  'user.unblock': msg`Let in again`,
  'user.delete': msg`Account deleted`,
  'user.password': msg`Password changed`,
  'user.reset_link': msg`Link for a new password made`,
  'user.sign_out': msg`All sessions ended`,
  'user.factor_begin': msg`Second factor begun`,
  'user.factor_on': msg`Second factor turned on`,
  'user.factor_off': msg`Second factor turned off`,
  'session.begin': msg`Signed in`,
  'session.end': msg`Session ended`,
  'session.end_others': msg`Other sessions ended`,
  'session.reuse': msg`Session ended: its key came twice`,
  'token.create': msg`Token made`,
  'token.delete': msg`Token revoked`,
  'link.create': msg`One-time link made`,
  'link.use': msg`One-time link used`,
  'job.retry': msg`Job tried again`,
  'job.cancel': msg`Job cancelled`,
  'client.add': msg`Client added`,
  'client.change': msg`Client changed`,
  'client.remove': msg`Client removed`,
  'client.withdraw': msg`Client no longer expected`,
  'client.pause': msg`Client paused`,
  'client.resume': msg`Client resumed`,
  'client.block': msg`Client blocked`,
  'client.unblock': msg`Client unblocked`,
  'client.disconnect': msg`Client disconnected`,
  'client.close': msg`Client kept out`,
  'client.admit': msg`Client let in again`,
  'client.assign': msg`Seat given to a client`,
  'client.unassign': msg`Seat of a client taken away`,
  'client.capacity': msg`Number of seats changed`,
  'client.expire': msg`Order about a client ended`,
  'backup.make': msg`Backup made`,
  'backup.verify': msg`Backup verified`,
  'backup.download': msg`Backup downloaded`,
  'backup.restore': msg`House restored from a backup`,
  'queue.change': msg`Queue changed`,
  'schedule.change': msg`Schedule changed`,
  'schedule.fire': msg`Schedule run by hand`,
  'setting.change': msg`Setting changed`,
  'setting.reset': msg`Setting given back`,
  'webhook.create': msg`Webhook made`,
  'webhook.change': msg`Webhook changed`,
  'webhook.delete': msg`Webhook removed`,
  'webhook.secret': msg`Webhook given a new secret`,
  'webhook.test': msg`Webhook tried out`,
  'webhook.redeliver': msg`Something sent to a webhook again`,
  'webhook.skip': msg`Something for a webhook given up`,
  'notification.choose': msg`Notifications chosen`,
  'sample.add': msg`Sample data added`,
  'sample.remove': msg`Sample data removed`,
};

/** Who acts that is no person. */
export const ACTORS: Record<string, MessageDescriptor> = {
  user: msg`Person`,
  token: msg`Token`,
  stranger: msg`Not signed in`,
  system: msg`Dabir itself`,
  source: msg`Source of meetings`,
  terminal: msg`Command line`,
};

/** The parts of things that people know by name. */
export const PARTS: Record<string, MessageDescriptor> = {
  name: msg`Name`,
  email: msg`E-mail`,
  role: msg`Role`,
  language: msg`Language`,
  blocked: msg`Kept out because`,
  date_time: msg`Begins`,
  end_time: msg`Ends`,
  port: msg`Port`,
  is_running: msg`Is to run`,
  operator: msg`Decided by hand`,
  scopes: msg`May do`,
  expires_at: msg`Until`,
  owner: msg`Holder`,
  value: msg`Value`,
  source: msg`Who says so`,
};

export type Value = string | number | boolean | null;

export interface Change {
  part: string;
  before: Value;
  after: Value;
  isSame: boolean;
}

/** Each part of a thing before and after, what differs first. */
export function compare(before: Thing, after: Thing): Change[] {
  const [old, now] = [flatten(before), flatten(after)];
  const parts = [...new Set([...old.keys(), ...now.keys()])];
  return parts
    .map((part) => {
      const [was, is] = [old.get(part) ?? null, now.get(part) ?? null];
      return { part, before: was, after: is, isSame: was === is };
    })
    .filter((change) => change.before !== null || change.after !== null)
    .sort((a, b) => Number(a.isSame) - Number(b.isSame));
}

/** Things within things get names such as `room.port`. */
function flatten(thing: Thing, prefix = ''): Map<string, Value> {
  const flat = new Map<string, Value>();
  for (const [key, value] of Object.entries(thing ?? {})) {
    const name = `${prefix}${key}`;
    if (isThing(value)) flatten(value, `${name}.`).forEach((inner, part) => flat.set(part, inner));
    else flat.set(name, Array.isArray(value) ? value.map(plain).join(', ') : plain(value));
  }
  return flat;
}

function isThing(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export const isMoment = (value: Value): value is string => typeof value === 'string' && MOMENT.test(value);
