// What each setting is for, in words. One that is not known here shows its key alone.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Tone } from '../../ui/Status';
import type { Source } from './api';

export interface Words {
  name: MessageDescriptor;
  meaning?: MessageDescriptor;
  /** Where the server's own words, which are English, are not plain numbers. */
  allowed?: MessageDescriptor;
  /** Why it cannot be changed here. */
  why?: MessageDescriptor;
  choices?: Record<string, MessageDescriptor>;
}

const BY_COMMAND_TOO = msg`The command dabir port hands out the same ports without a server, and reads only file and environment.`;

const TOLD_BY_FILE = msg`Whoever names a server learns what is written to people, so only file and environment may name it.`;

export const SECTIONS: Record<string, MessageDescriptor> = {
  '': msg`House`,
  server: msg`Server`,
  database: msg`Database`,
  meetings: msg`Meetings`,
  rooms: msg`Rooms`,
  clients: msg`Clients`,
  ports: msg`Ports`,
  jobs: msg`Jobs`,
  backup: msg`Backups`,
  files: msg`Files`,
  storage: msg`Storage`,
  mail: msg`Mail`,
  sms: msg`Text messages`,
  auth: msg`Signing in`,
  limits: msg`How often one may ask`,
  egress: msg`The way out`,
  log: msg`Log`,
};

export const SOURCES: Record<Source, { tone: Tone; word: MessageDescriptor }> = {
  default: { tone: 'over', word: msg`Default` },
  file: { tone: 'wait', word: msg`File` },
  environment: { tone: 'wait', word: msg`Environment` },
  here: { tone: 'live', word: msg`Set here` },
};

export const SETTINGS: Record<string, Words> = {
  data_dir: {
    name: msg`Data folder`,
    meaning: msg`Where everything is kept that must not be lost.`,
    why: msg`What is changed here is kept in it.`,
  },
  'server.listen': {
    name: msg`Listens on`,
    meaning: msg`The address and port of this console and the API.`,
    why: msg`Behind a wrong address nobody could correct it from a browser.`,
  },
  'server.public_url': {
    name: msg`Public address`,
    meaning: msg`What people type. It stands in links that are handed over.`,
    allowed: msg`an address such as https://meet.example, or nothing`,
  },
  'server.trusted_proxies': {
    name: msg`Trusted proxies`,
    meaning: msg`They may say who the caller is.`,
    allowed: msg`addresses or networks such as 10.0.0.0/8, a line each`,
  },
  'database.url': { name: msg`Database`, meaning: msg`Empty: SQLite in the data folder.`, why: msg`What is changed here is kept in it.` },
  'jobs.workers_min': { name: msg`Workers at least`, meaning: msg`How many jobs a process works on at a time.` },
  'jobs.workers_max': { name: msg`Workers at most`, meaning: msg`How many there may be while jobs wait.` },
  'jobs.keep': { name: msg`Ended jobs are kept for` },
  'jobs.keep_max': { name: msg`Ended jobs kept`, meaning: msg`At most, however young they are.` },
  'backup.enabled': { name: msg`Backups by themselves`, meaning: msg`Each is opened and counted before it counts.` },
  'backup.at': {
    name: msg`Every day at`,
    meaning: msg`By the clock of the house; empty: every so often, as said below.`,
    allowed: msg`a time of day such as 03:30, or nothing`,
  },
  'backup.interval': { name: msg`Time between two`, meaning: msg`When no time of day is said.` },
  'backup.dir': {
    name: msg`Folder`,
    meaning: msg`Empty: in the data folder. Best on another disk.`,
    allowed: msg`a folder, or nothing`,
    why: msg`The keys of the house are in every backup.`,
  },
  'backup.keep.newest': { name: msg`Newest ones kept` },
  'backup.keep.hourly': { name: msg`Hours of which one is kept` },
  'backup.keep.daily': { name: msg`Days of which one is kept` },
  'backup.keep.weekly': { name: msg`Weeks of which one is kept` },
  'egress.private': {
    name: msg`Networks inside that may be reached`,
    meaning: msg`By what people make here, such as sources. Those of the file may be anywhere.`,
    allowed: msg`addresses or networks such as 10.0.0.0/8, a line each`,
    why: msg`It keeps those who may change sources from reaching what is inside.`,
  },
  'meetings.poll_interval': { name: msg`The source is asked every`, meaning: msg`How soon a change in Django is seen here.` },
  'meetings.duration': { name: msg`Usual length`, meaning: msg`How long a meeting lasts when nobody says otherwise.` },
  'meetings.timezone': {
    name: msg`Zone of the house`,
    meaning: msg`For dates that come without a zone, and for the rooms' pages.`,
    allowed: msg`a name such as Asia/Tehran`,
  },
  'meetings.stop_grace': { name: msg`Time to end`, meaning: msg`How long a room may take to end before it is killed.` },
  'meetings.vanish_guard': { name: msg`Vanishing that is believed`, meaning: msg`The share of running meetings that may vanish from the source at once. With more, Dabir waits and asks again.` },
  'meetings.vanish_polls': { name: msg`Answers that must agree`, meaning: msg`How many, before a larger disappearance is believed.` },
  'meetings.port_conflict': {
    name: msg`When a port cannot be had`,
    choices: { fail: msg`The meeting waits for it`, reassign: msg`The meeting takes a free one` },
  },
  'meetings.failover': { name: msg`Time before a lost room is started here`, meaning: msg`How long the room of a lost server may not answer.` },
  'meetings.django.url': {
    name: msg`Address of the list in Django`,
    meaning: msg`Answers with the meetings; empty: they are made here only.`,
    why: msg`The token goes to this address, so only file and environment may name it.`,
  },
  'meetings.django.token': { name: msg`Token for Django`, why: msg`Secrets stand in the file or the environment, and nowhere else.` },
  'meetings.django.header': {
    name: msg`Header of the token`,
    meaning: msg`Its name, and what stands before the token.`,
    allowed: msg`such as Authorization: Token`,
  },
  'meetings.django.timeout': { name: msg`An answer of Django may take` },
  'rooms.command': {
    name: msg`Another room server`,
    meaning: msg`Its command; empty: Dabir's own rooms.`,
    why: msg`It is a program that this machine runs, so only file and environment may name it.`,
  },
  'rooms.host': {
    name: msg`Rooms listen on`,
    meaning: msg`127.0.0.1: reached through this server. 0.0.0.0: open to the network.`,
    allowed: msg`an address of this machine`,
  },
  'rooms.guests': { name: msg`Guests`, meaning: msg`Whether people come in by a name alone. For rooms that start from now on.` },
  'files.max_size_mib': { name: msg`Largest file`, meaning: msg`In MiB.` },
  'files.quota_person_mib': { name: msg`Room of one person`, meaning: msg`In MiB, for all files together.` },
  'files.quota_house_mib': { name: msg`Room of the house`, meaning: msg`In MiB, for the files of all people together.` },
  'storage.url': { name: msg`Where files are kept`, meaning: msg`Empty: the data folder. Else a bucket of S3.` },
  'storage.access_key_id': { name: msg`Key of the bucket` },
  'storage.secret_access_key': { name: msg`Secret of that key` },
  'mail.url': { name: msg`Mail server`, meaning: msg`Empty: no mail.`, why: TOLD_BY_FILE },
  'mail.from': { name: msg`Mail is from`, meaning: msg`What people see as its sender.`, allowed: msg`an address such as dabir@example.org`, why: TOLD_BY_FILE },
  'sms.url': { name: msg`Gateway of text messages`, meaning: msg`Empty: none.`, why: TOLD_BY_FILE },
  'sms.method': { name: msg`The gateway is asked by`, why: TOLD_BY_FILE },
  'sms.headers': { name: msg`Headers for the gateway`, why: TOLD_BY_FILE },
  'sms.body': { name: msg`What the gateway is sent`, meaning: msg`With the number and the text in their places.`, why: TOLD_BY_FILE },
  'clients.dir': { name: msg`Folder of the lists`, meaning: msg`Where other programs find the five files.` },
  'clients.interval': { name: msg`Look at files and Redis every`, meaning: msg`When nothing says that they changed.` },
  'clients.redis_encoding': {
    name: msg`Form of the lists in Redis`,
    choices: { hash: msg`A field for each list`, json: msg`One text (JSON)` },
  },
  'clients.available_dir': { name: msg`Folder of the available clients`, meaning: msg`With a folder or an image for each; empty: none.`, allowed: msg`a folder, or nothing` },
  'clients.directory': { name: msg`Faculty and students are clients`, meaning: msg`They come with the directory and go with it.` },
  'clients.directory_username': { name: msg`Field with the username`, meaning: msg`Of faculty and students; empty: their key.`, allowed: msg`a field, or nothing for the key` },
  'clients.directory_name': { name: msg`Fields with the name`, meaning: msg`Of faculty and students, one after the other.`, allowed: msg`fields with spaces between them, or nothing` },
  'clients.heartbeat_timeout': { name: msg`Silence until the connection is lost` },
  'clients.connection_error': { name: msg`Time to come back`, meaning: msg`After it, whoever lost the connection counts as gone.` },
  'clients.keep_events': { name: msg`History of clients is kept for` },
  'clients.keep_events_max': { name: msg`Lines of history kept`, meaning: msg`At most, however young they are.` },
  'rooms.max_clients': { name: msg`People in a room`, meaning: msg`At most. For rooms that start from now on.` },
  'rooms.ready_timeout': { name: msg`Time to start`, meaning: msg`How long a room may take until it answers.` },
  'rooms.restart_max': { name: msg`Crashes until it is given up`, meaning: msg`Within the time below.` },
  'rooms.restart_window': { name: msg`Time in which crashes count` },
  'rooms.restart_rate': { name: msg`Restarts a minute`, meaning: msg`Of all rooms together.` },
  'rooms.log_max_bytes': { name: msg`Size of a room's log`, meaning: msg`In bytes; the older part is kept beside it.` },
  'ports.range': { name: msg`Range of ports`, meaning: msg`The first and the last that are handed out.`, why: BY_COMMAND_TOO },
  'ports.state': { name: msg`State file`, meaning: msg`Other programs read and write it too.`, why: BY_COMMAND_TOO },
  'ports.refresh_interval': { name: msg`Looked at every`, meaning: msg`For owners that died and ports that others took.` },
  'ports.history_max': { name: msg`Changes remembered` },
  'ports.backup_keep': { name: msg`Backups kept` },
  'auth.registration': { name: msg`New accounts`, choices: { closed: msg`By invitation only`, open: msg`Anybody, as a participant` } },
  'auth.idle': { name: msg`An unused session ends after` },
  'auth.life': { name: msg`Every session ends after` },
  'auth.privileged_idle': { name: msg`An unused session ends after (staff)`, meaning: msg`Of operators, auditors and administrators.` },
  'auth.privileged_life': { name: msg`Every session ends after (staff)`, meaning: msg`Of operators, auditors and administrators.` },
  'limits.stranger.per_second': { name: msg`Strangers: calls a second` },
  'limits.stranger.burst': { name: msg`Strangers: at once` },
  'limits.auth.per_second': { name: msg`Attempts to sign in: calls a second` },
  'limits.auth.burst': { name: msg`Attempts to sign in: at once` },
  'limits.person.per_second': { name: msg`People and tokens: calls a second` },
  'limits.person.burst': { name: msg`People and tokens: at once` },
  'limits.pages.per_second': { name: msg`Pages, for one address: calls a second` },
  'limits.pages.burst': { name: msg`Pages, for one address: at once` },
  'limits.joins.per_second': { name: msg`Ways into rooms, for one address: calls a second` },
  'limits.joins.burst': { name: msg`Ways into rooms, for one address: at once` },
  'log.format': {
    name: msg`Format`,
    why: msg`The log begins before the database is opened.`,
    choices: { pretty: msg`For people`, json: msg`For programs (JSON)` },
  },
  'log.level': {
    name: msg`How much is told`,
    choices: { error: msg`Errors`, warn: msg`Warnings too`, info: msg`What happens too`, debug: msg`Steps too`, trace: msg`Everything` },
  },
};
