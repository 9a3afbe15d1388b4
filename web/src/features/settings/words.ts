// What each setting is for, in words. One that is not known here shows its key alone.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Tone } from '../../ui/Status';
import type { Source } from './schema';

export interface Words {
  name: MessageDescriptor;
  meaning?: MessageDescriptor;
}

export const SECTIONS: Record<string, MessageDescriptor> = {
  '': msg`House`,
  data_dir: msg`House`,
  server: msg`Server`,
  database: msg`Database`,
  redis: msg`Redis`,
  storage: msg`Files`,
  meetings: msg`Meetings`,
  'meetings.django': msg`Meetings from Django`,
  rooms: msg`Rooms`,
  ports: msg`Ports`,
  clients: msg`Clients`,
  auth: msg`Signing in`,
  limits: msg`How often one may ask`,
  egress: msg`Calls to the outside`,
  log: msg`Log`,
};

export const SOURCES: Record<Source, { tone: Tone; word: MessageDescriptor }> = {
  default: { tone: 'over', word: msg`Default` },
  file: { tone: 'wait', word: msg`File` },
  environment: { tone: 'wait', word: msg`Environment` },
  here: { tone: 'live', word: msg`Set here` },
};

export const SETTINGS: Record<string, Words> = {
  data_dir: { name: msg`Data folder`, meaning: msg`Where everything is kept that must not be lost.` },
  'server.listen': { name: msg`Listens on`, meaning: msg`The address and port of this console and the API.` },
  'server.public_url': { name: msg`Public address`, meaning: msg`What people type. It stands in links that are handed over.` },
  'server.trusted_proxies': { name: msg`Trusted proxies`, meaning: msg`Addresses or networks that may say who the caller is, a line each.` },
  'database.url': { name: msg`Database`, meaning: msg`Empty: SQLite in the data folder.` },
  'meetings.poll_interval': { name: msg`The source is asked every`, meaning: msg`How soon a change in Django is seen here.` },
  'meetings.duration': { name: msg`Usual length`, meaning: msg`How long a meeting lasts when nobody says otherwise.` },
  'meetings.timezone': { name: msg`Zone of the house`, meaning: msg`For dates that come without a zone, and for the rooms' pages.` },
  'meetings.stop_grace': { name: msg`Time to end`, meaning: msg`How long a room may take to end before it is killed.` },
  'meetings.vanish_guard': { name: msg`Vanishing that is believed`, meaning: msg`The share of running meetings that may vanish from the source at once. With more, Dabir waits and asks again.` },
  'meetings.vanish_polls': { name: msg`Answers that must agree`, meaning: msg`How many, before a larger disappearance is believed.` },
  'meetings.port_conflict': { name: msg`When a port cannot be had`, meaning: msg`The meeting waits for its port, or takes a free one instead.` },
  'meetings.django.url': { name: msg`Address of the list`, meaning: msg`Answers with the meetings; empty: they are made here only.` },
  'meetings.django.token': { name: msg`Token for it` },
  'meetings.django.header': { name: msg`Header of the token`, meaning: msg`Its name, and what stands before the token.` },
  'meetings.django.timeout': { name: msg`An answer may take` },
  'rooms.command': { name: msg`Another room server`, meaning: msg`Its command, a word a line; empty: Dabir's own rooms.` },
  'rooms.host': { name: msg`Rooms listen on`, meaning: msg`127.0.0.1: reached through this server. 0.0.0.0: open to the network.` },
  'rooms.guests': { name: msg`Guests`, meaning: msg`Whether people come in by a name alone. For rooms that start from now on.` },
  'rooms.max_clients': { name: msg`People in a room`, meaning: msg`At most. For rooms that start from now on.` },
  'rooms.ready_timeout': { name: msg`Time to start`, meaning: msg`How long a room may take until it answers.` },
  'rooms.restart_max': { name: msg`Crashes until it is given up`, meaning: msg`Within the time below.` },
  'rooms.restart_window': { name: msg`Time in which crashes count` },
  'rooms.restart_rate': { name: msg`Restarts a minute`, meaning: msg`Of all rooms together.` },
  'rooms.log_max_bytes': { name: msg`Size of a room's log`, meaning: msg`In bytes; the older part is kept beside it.` },
  'ports.range': { name: msg`Range of ports`, meaning: msg`The first and the last that are handed out.` },
  'ports.state': { name: msg`State file`, meaning: msg`Other programs read and write it too.` },
  'ports.refresh_interval': { name: msg`Looked at every`, meaning: msg`For owners that died and ports that others took.` },
  'ports.history_max': { name: msg`Changes remembered` },
  'ports.backup_keep': { name: msg`Backups kept` },
  'auth.registration': { name: msg`New accounts`, meaning: msg`Closed: by invitation. Open: everybody may make one, as a participant.` },
  'auth.idle': { name: msg`An unused session ends after` },
  'auth.life': { name: msg`Every session ends after` },
  'auth.privileged_idle': { name: msg`An unused session ends after (staff)`, meaning: msg`Of operators, auditors and administrators.` },
  'auth.privileged_life': { name: msg`Every session ends after (staff)`, meaning: msg`Of operators, auditors and administrators.` },
  'limits.stranger': { name: msg`Calls of strangers` },
  'limits.auth': { name: msg`Attempts to sign in` },
  'limits.person': { name: msg`Calls of people and tokens` },
  'limits.pages': { name: msg`Pages for one address` },
  'limits.joins': { name: msg`Ways into rooms for one address` },
  'log.format': { name: msg`Format` },
  'log.level': { name: msg`How much is told` },
};
