// A problem in the reader's words: why, and what to do next. What it means for them is said by whoever asked.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Problem, UNREACHABLE } from './problem';

export interface Explanation {
  /** `null` where only the server's own words say it. */
  cause: MessageDescriptor | null;
  next: MessageDescriptor;
}

const GO_BACK = msg`Go back to the list.`;
const TRY_AGAIN = msg`Try again; if it stays so, look into the server's log for this request.`;
const CHECK_DISK = msg`Look at the disk of the server and restart Dabir when there is room again.`;

const NAME = msg`A name is one line, not too long, without control characters.`;

/** What is allowed in the fields of our forms, by the names that the server has for them; each part of it has its own. */
const FIELDS: Record<string, Record<string, MessageDescriptor>> = {
  'accounts.invalid': {
    name: NAME,
    email: msg`This is no e-mail address; write one such as sara@example.org.`,
    password: msg`A password has 10 characters or more, is none that everybody tries first, and holds neither the name nor the address.`,
  },
  // Of the ports.
  'request.body': {
    owner: NAME,
    preferred: msg`This port is outside the range.`,
  },
  'clients.invalid': {
    username: msg`A username has at most 128 letters, none of them a slash or a sign that nobody sees, and does not begin or end with a space.`,
    name: msg`A name is one line with at most 200 letters.`,
    reason: msg`A reason is one line with at most 500 letters.`,
    until: msg`This moment is over already; choose a later one, or none.`,
    target: msg`A name is one line with at most 200 letters.`,
    capacity: msg`Write a number up to a million, or nothing.`,
  },
  'tasks.invalid': {
    title: msg`A title is one line with at most 300 letters.`,
    due: msg`This time is not understood; write a day such as tomorrow 10, next Sat or 2026-12-16.`,
    labels: msg`A task has at most 20 labels of at most 50 letters.`,
    assignees: msg`A task is given to at most 20 people, all of whom still have an account.`,
  },
  'documents.invalid': {
    title: msg`A title is one line with at most 300 letters.`,
    name: NAME,
    mentions: msg`Somebody who is called to it may not open the document. Share it with them first.`,
  },
  'meetings.invalid': {
    name: NAME,
    port: msg`This port is outside the range.`,
    end_time: msg`By then the meeting would be over already; choose a later time.`,
    duration: msg`A meeting ends after it begins, and within a year.`,
  },
  'jobs.invalid': {
    weight: msg`A share is a whole number from 1 to 100.`,
    max_running: msg`Write a whole number from 1 to 10000, or nothing.`,
    rate: msg`Write a number from 0.01 to 10000, or nothing.`,
    every: msg`Write a second or more, such as 60 minutes.`,
    cron: msg`This expression says no times; write minute, hour, day, month and weekday in figures or names.`,
    timezone: msg`This is no time zone; write a name such as Asia/Tehran.`,
  },
  'notify.invalid': {
    phone: msg`Write the number with the code of its country, such as +989121234567.`,
    until: msg`This moment is over already; choose a later one, or none.`,
  },
};

/** What the problem says of a field; `undefined` where only the server's own words say it. */
export const allowed = ({ code }: Problem, field: string): MessageDescriptor | undefined => FIELDS[code]?.[field];

const MARKED: Explanation = { cause: null, next: msg`Put the marked fields right and try again.` };

const KNOWN: Record<string, Explanation> = {
  [UNREACHABLE]: { cause: msg`The server does not answer.`, next: msg`Check your connection and whether Dabir runs; this page goes on by itself.` },
  'network.foreign': { cause: null, next: msg`Something between you and Dabir answered; look at the proxy.` },
  'auth.required': { cause: msg`You are not signed in any more.`, next: msg`Sign in again; what you typed stays.` },
  'auth.session': { cause: msg`Your session has ended.`, next: msg`Sign in again; what you typed stays.` },
  'rate.limited': { cause: msg`That was too often in a short time.`, next: msg`Wait a minute, then try again.` },
  'auth.forbidden': { cause: msg`Your role does not allow this.`, next: msg`Ask somebody who may.` },
  'auth.forgery': { cause: msg`The request did not come from this page.`, next: msg`Open the console at its own address and try again.` },
  'auth.password': { cause: msg`The password is wrong.`, next: msg`Type the one that you signed in with.` },
  'auth.code': { cause: msg`The code is wrong, or was used already.`, next: msg`Wait for the next code, and see that the clock of your telephone is right.` },
  'auth.busy': { cause: msg`Too many people are signing in at this moment.`, next: msg`Try again in a few seconds.` },
  'auth.link': { cause: msg`This link was used already or is too old.`, next: msg`Make a new one.` },
  'accounts.invalid': MARKED,
  'jobs.invalid': MARKED,
  'meetings.minutes_out_of_reach': { cause: msg`The document of these minutes was deleted, or is not shared with you.`, next: msg`Whoever owns it can restore it or share it.` },
  'jobs.state': { cause: null, next: msg`Look at the job's state, which has changed, and try again.` },
  'jobs.not_found': { cause: msg`This job does not exist any more.`, next: msg`Go back to the list; old jobs are removed in time.` },
  'jobs.unknown_kind': { cause: msg`This version of Dabir knows no job of this kind.`, next: msg`Try it again as it is, where a worker knows the kind.` },
  'jobs.too_large': { cause: null, next: msg`Write less, and try again.` },
  'files.invalid': MARKED,
  'files.not_found': { cause: msg`This file does not exist any more, or is not for you.`, next: GO_BACK },
  'files.changed': { cause: msg`Somebody else changed the file meanwhile.`, next: msg`Look at how it is now, and try again.` },
  'files.too_large': { cause: msg`The file is larger than files may be here.`, next: msg`Divide it or make it smaller; an administrator can allow larger ones in the settings.` },
  'files.quota': { cause: msg`There is not so much room left for files.`, next: msg`Delete files that nobody needs; their room is free thirty days later. An administrator can give more room in the settings.` },
  'files.no_reader': { cause: msg`Nothing here reads files of this kind.`, next: msg`There is nothing more to do.` },
  'files.storage': { cause: msg`The place where files are kept cannot be reached just now.`, next: msg`Try again in a while; if it stays so, look into the server's log.` },
  'uploads.not_found': { cause: msg`The server does not know this upload any more.`, next: msg`Begin it anew.` },
  'uploads.too_long': { cause: msg`The file has grown while it was uploaded.`, next: msg`Choose it again as it is now.` },
  'queues.not_found': { cause: msg`This queue does not exist any more.`, next: GO_BACK },
  'schedules.not_found': { cause: msg`This schedule does not exist any more.`, next: GO_BACK },
  'sources.invalid': { cause: msg`Some of what was written is not allowed.`, next: MARKED.next },
  'sources.not_found': { cause: msg`This source does not exist any more.`, next: GO_BACK },
  'sources.exists': { cause: null, next: msg`Take another name, or change that source.` },
  'sources.in_file': { cause: null, next: msg`Change it in the configuration file and restart Dabir.` },
  'sources.running': { cause: msg`It is being synced already.`, next: msg`Wait until it ends, or cancel it.` },
  'sources.sealed': { cause: null, next: msg`Write name and password of its login again.` },
  'runs.not_found': { cause: msg`This run does not exist any more.`, next: GO_BACK },
  'runs.state': { cause: null, next: msg`Look at how it is now, and try again.` },
  'persons.not_found': { cause: msg`Nobody has this number.`, next: GO_BACK },
  'clients.invalid': MARKED,
  'clients.import': { cause: msg`It is not what a file of clients looks like.`, next: msg`Put the file right and choose it again.` },
  'clients.not_found': { cause: msg`Nobody of this name is known.`, next: msg`Go back to the list; they may have been taken off.` },
  'clients.exists': { cause: msg`Somebody of this name is on the list already.`, next: msg`Take another username, or look for them in the list.` },
  'clients.blocked': { cause: msg`They are blocked.`, next: msg`Lift the block first.` },
  'clients.not_blocked': { cause: msg`They are not blocked.`, next: msg`There is nothing more to do.` },
  'clients.not_paused': { cause: msg`They are not paused.`, next: msg`There is nothing more to do.` },
  'clients.not_connected': { cause: msg`They are not connected.`, next: msg`There is nothing more to do.` },
  'clients.not_assigned': { cause: msg`They have no seat and wait for none.`, next: msg`There is nothing more to do.` },
  'clients.full': { cause: msg`All seats are taken there.`, next: msg`Let them wait for a seat, or make room for more.` },
  'clients.version': { cause: msg`Somebody else changed them meanwhile.`, next: msg`Look at how they stand now, and try again.` },
  'tasks.invalid': MARKED,
  'tasks.not_found': { cause: msg`This task does not exist any more.`, next: msg`Go back to the list; it may have been deleted.` },
  'tasks.changed': { cause: msg`Somebody else changed it meanwhile.`, next: msg`Look at how it is now, and try again.` },
  'tasks.moved': { cause: msg`Somebody else moved the cards meanwhile.`, next: msg`Look at how it is now, and try again.` },
  'documents.invalid': MARKED,
  'documents.not_found': { cause: msg`This document does not exist any more, or is not shared with you.`, next: msg`Go back to the list, or ask whoever sent you here to share it.` },
  'documents.no_right': { cause: msg`You have not the right to do this with it.`, next: msg`Ask its owner for the right.` },
  'documents.changed': { cause: msg`Somebody else changed it meanwhile.`, next: msg`Look at how it is now, and try again.` },
  'documents.import': { cause: null, next: msg`Choose files that documents can be made of, and try again.` },
  'documents.busy': { cause: msg`Too much is open on the server at this moment.`, next: msg`Try again in a minute.` },
  'notify.invalid': { cause: msg`Some of what was written is not allowed.`, next: MARKED.next },
  'notify.state': { cause: null, next: msg`Look at how it is now, and try again.` },
  'notifications.not_found': { cause: msg`It is not in your inbox any more.`, next: msg`There is nothing more to do.` },
  'webhooks.not_found': { cause: msg`This webhook does not exist any more.`, next: GO_BACK },
  'webhooks.too_many': { cause: null, next: msg`Delete one that nobody needs.` },
  'webhooks.sealed': { cause: null, next: msg`Give it a new secret.` },
  'deliveries.not_found': { cause: msg`This delivery is not kept any more.`, next: GO_BACK },
  'mail.off': { cause: msg`Mail is not set up here.`, next: msg`Write \`[mail] url\` and \`from\` into \`dabir.toml\` and restart.` },
  'mail.refused': { cause: null, next: msg`Look at \`[mail] url\` and \`from\` in \`dabir.toml\`, and at the mail server.` },
  'folders.not_found': { cause: msg`This folder does not exist any more, or is not shared with you.`, next: GO_BACK },
  'meetings.invalid': MARKED,
  'request.body': MARKED,
  'accounts.state': { cause: null, next: msg`Somebody else was faster; look at how it is now.` },
  'users.email_taken': { cause: msg`Somebody has an account with this address already.`, next: msg`Look for them in the list, or take another address.` },
  'users.last_admin': { cause: msg`This is the only administrator; without one, nobody could mend the house.`, next: msg`Make somebody else an administrator first.` },
  'users.not_found': { cause: msg`This account does not exist any more.`, next: msg`Go back to the list; it may have been deleted.` },
  'sessions.not_found': { cause: msg`This session has ended already.`, next: msg`There is nothing more to do.` },
  'tokens.not_found': { cause: msg`This token was revoked already.`, next: msg`There is nothing more to do.` },
  'settings.invalid': { cause: null, next: msg`Put the marked settings right and try again.` },
  'meetings.not_found': { cause: msg`This meeting does not exist any more.`, next: msg`Go back to the list; it may have been removed.` },
  'meetings.state': { cause: null, next: msg`Look at the meeting's state, which has changed, and try again.` },
  'meetings.behind': { cause: msg`Another server changed the meetings at the same time.`, next: msg`Look at how it is now, and try again.` },
  'meetings.elsewhere': { cause: msg`Another server keeps the room of this meeting.`, next: msg`Open the console at the address of that server.` },
  'meetings.upstream': { cause: null, next: msg`Change it where the meeting was made.` },
  'meetings.no_source': { cause: msg`No source of meetings is configured.`, next: msg`Set \`[meetings.django] url\` in \`dabir.toml\` and restart.` },
  'ports.exhausted': { cause: null, next: msg`Release a port, or widen \`[ports] range\` in \`dabir.toml\`.` },
  'ports.taken': { cause: null, next: msg`Choose another port, or leave the choice to Dabir.` },
  'ports.not_used': { cause: msg`This port is free already.`, next: msg`There is nothing more to do.` },
  'ports.none_active': { cause: msg`No port is active.`, next: msg`Name the port that should be released.` },
  'ports.locked': { cause: null, next: msg`Another program holds the port file; wait for it, or end it.` },
  'ports.read_only': { cause: null, next: CHECK_DISK },
  'ports.disk_full': { cause: msg`The disk of the server is full.`, next: CHECK_DISK },
  'backups.not_found': { cause: msg`This backup does not exist any more.`, next: msg`Choose another one; old backups are removed in time.` },
  'backups.disk_full': { cause: msg`The disk of the server is full.`, next: msg`Make room on the disk of the server, and try again.` },
  'ports.no_such_backup': { cause: msg`This backup does not exist any more.`, next: msg`Choose another one; old backups are removed in time.` },
  'ports.spoiled_backup': { cause: null, next: msg`Choose another backup.` },
  'database.silent': { cause: msg`The database does not answer at the moment.`, next: msg`Rooms go on meanwhile. Wait a moment, look at how it is, and try again.` },
  'house.not_ready': { cause: null, next: msg`Run \`dabir doctor\` on the server; it names what is missing.` },
  internal: { cause: msg`The server made a mistake.`, next: msg`Look into its log for this request, and report it.` },
};

export function explain(error: unknown): Explanation {
  if (!(error instanceof Problem)) return { cause: null, next: TRY_AGAIN };
  const known = KNOWN[error.code] ?? { cause: null, next: TRY_AGAIN };
  return known.cause || !isMarked(error) ? known : { ...known, cause: msg`Some of what was written is not allowed.` };
}

/** Whether all that was refused is said beside its fields. */
const isMarked = (problem: Problem): boolean => problem.fields.length > 0 && problem.fields.every(({ field }) => allowed(problem, field));
