// The words for events and their groups, which webhooks ask for and people hear of.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';

/** In the order in which people look for them. */
export const GROUPS: Record<string, MessageDescriptor> = {
  task: msg`Tasks`,
  document: msg`Documents`,
  file: msg`Files`,
  meeting: msg`Meetings`,
  sync: msg`Sync`,
  client: msg`Clients`,
  user: msg`Users`,
  backup: msg`Backups`,
  webhook: msg`Webhooks`,
};

/** Those that the server learns later have its own words. */
export const EVENTS: Record<string, MessageDescriptor> = {
  'task.created': msg`A task was made`,
  'task.changed': msg`A task was changed`,
  'task.assigned': msg`Somebody was given a task`,
  'task.completed': msg`A task is done`,
  'task.reopened': msg`A task that was done is open again`,
  'task.due': msg`A task is due within a day, or was due`,
  'task.commented': msg`Somebody wrote about a task`,
  'task.mentioned': msg`Somebody was named at a task`,
  'task.deleted': msg`A task was deleted`,
  'document.created': msg`A document was made`,
  'document.changed': msg`A document was changed`,
  'document.shared': msg`A document was shared with somebody`,
  'document.commented': msg`Somebody wrote about a document`,
  'document.mentioned': msg`Somebody was named in a document`,
  'document.published': msg`A document became a page for all`,
  'document.deleted': msg`A document was deleted`,
  'file.uploaded': msg`A file came in`,
  'file.analysed': msg`A file was read and analysed`,
  'file.failed': msg`A file could not be read`,
  'file.deleted': msg`A file was deleted`,
  'meeting.started': msg`A meeting's room runs`,
  'meeting.ended': msg`A meeting ended`,
  'meeting.failed': msg`A meeting's room does not run`,
  'sync.succeeded': msg`A source was synced`,
  'sync.failed': msg`A source could not be synced`,
  'sync.recovered': msg`A source works again`,
  'sync.late': msg`A source has not been synced for long`,
  'client.blocked': msg`A client was blocked`,
  'client.unblocked': msg`A client may come in again`,
  'user.created': msg`Somebody got an account`,
  'user.signed_in': msg`Somebody signed in`,
  'user.blocked': msg`Somebody's account was blocked`,
  'backup.made': msg`A backup was made`,
  'backup.failed': msg`A backup could not be made`,
  'webhook.paused': msg`A webhook that failed for days was paused`,
  'webhook.gone': msg`A webhook said that it is gone`,
  'webhook.test': msg`A test`,
};

export const groupOf = (event: string): string => event.split('.')[0] ?? '';

/** Those of each group: known groups in their order, then all others. */
export function byGroup<T extends { name: string }>(events: readonly T[]): [string, T[]][] {
  const order = Object.keys(EVENTS);
  const placeOf = ({ name }: T) => (order.includes(name) ? order.indexOf(name) : order.length);
  const sorted = [...events].sort((a, b) => placeOf(a) - placeOf(b));
  const names = [...new Set([...Object.keys(GROUPS), ...sorted.map(({ name }) => groupOf(name))])];
  const all = names.map((group): [string, T[]] => [group, sorted.filter(({ name }) => groupOf(name) === group)]);
  return all.filter(([, events]) => events.length > 0);
}
