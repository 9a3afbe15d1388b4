// What can be said of a problem besides the server's own words, and what is to be done about it.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { isolateLtr } from '../../lib/bidi';
import type { Formats } from '../../lib/formats';
import type { Problem } from './api';

interface Advice {
  what: MessageDescriptor;
  todo: MessageDescriptor;
}

export const PLACES: Record<string, MessageDescriptor> = {
  files: msg`Files`,
  redis: msg`Redis`,
  folder: msg`Folder of available clients`,
};

const SPECIAL: Record<string, Advice> = {
  'files folder': {
    what: msg`The folder of the files cannot be used.`,
    todo: msg`See that it is there and that Dabir may write into it; its place is in the settings.`,
  },
  'files watching': {
    what: msg`Changes in the files are seen late.`,
    todo: msg`Let the system watch more files for Dabir. Until then they are looked at again and again.`,
  },
  'redis connection': {
    what: msg`Redis does not answer or does not let Dabir in.`,
    todo: msg`See that it runs, and that its address and password are right in the settings. Everything else goes on meanwhile.`,
  },
  'folder folder': {
    what: msg`The folder of available clients cannot be looked through.`,
    todo: msg`See that its disk is there and that Dabir may read it. Until then everybody stays as they are.`,
  },
};

const USUAL: Record<string, Advice> = {
  files: {
    what: msg`This file cannot be read or written.`,
    todo: msg`Put it right, or delete it: Dabir writes a good one, and nobody is let in by that. If the disk is full or Dabir may not write it, mend that.`,
  },
  redis: {
    what: msg`This is no list of clients, so it changes nothing.`,
    todo: msg`Let the program that writes it write a list of usernames as JSON, in the form that the settings say.`,
  },
  folder: {
    what: msg`This name or photo cannot be used.`,
    todo: msg`Name it as a username may be, and take a whole JPEG, PNG or WebP of at most 20 MiB and 16 to 10,000 pixels a side.`,
  },
};

const NOBODY = isolateLtr('{"clients": []}');
const FORM = isolateLtr('{"clients": ["ali", "sara"]}');

/** The server's sentences by the part of each that is always the same, with the numbers of it. Behind a colon, others speak. */
export const SENTENCES: Record<string, (first: string, second: string) => MessageDescriptor> = {
  'it is empty; write': () => msg`It is empty; when nobody is meant, ${NOBODY} stands in it.`,
  'it is larger than': (mebibytes) => msg`It is larger than ${mebibytes} MiB.`,
  'it is not `{"clients": [names]}`:': () => msg`It is not in the form ${FORM}.`,
  'it is not a file': () => msg`It is no plain file.`,
  'changes are seen after `clients.interval` only:': () => msg`They are seen at the interval of the settings only.`,
  'it is not a JSON array of names:': () => msg`It is no JSON array of usernames.`,
  'it is not a JSON object:': () => msg`It is no JSON object.`,
  'names are more than': (many, most) => msg`It has ${many} names; at most ${most} are taken.`,
  'it is too long to be read': () => msg`It is too long to be read.`,
  '`clients.redis_encoding` wants a': () => msg`It has another type than the encoding in the settings says.`,
  'other programs write faster than it can be read': () => msg`Other programs write it faster than it can be read.`,
  'it is empty, as if its disk were not there': () => msg`It is empty, as if its disk were not there.`,
  'bytes; at most': (bytes) => msg`It has ${bytes} bytes.`,
  'it is no JPEG, PNG or WebP': () => msg`It is no JPEG, PNG or WebP.`,
  'pixels; at least': (width, height) => msg`It has ${width} × ${height} pixels.`,
  'it cannot be decoded:': () => msg`The picture is damaged.`,
  'it cannot be read:': () => msg`It cannot be read.`,
  'a name has at least one letter': () => msg`A username has at least one letter.`,
  'a name has at most': () => msg`A username has at most 128 letters.`,
  'a name does not begin or end with a space': () => msg`A username does not begin or end with a space.`,
  'a name does not have the character U+': () => msg`A username has no slash and no sign that nobody sees.`,
  '`.` and `..` lead to folders and are no names': () => msg`These dots are the name of a folder everywhere.`,
};

/** What Linux answers, by its number, and Redis, by its word. */
const ANSWERS: readonly [RegExp, MessageDescriptor][] = [
  [/\(os error (1|13)\)/, msg`Dabir may not do this.`],
  [/\(os error 2\)/, msg`It is not there.`],
  [/\(os error 5\)/, msg`Its disk does not answer.`],
  [/\(os error 28\)/, msg`Its disk is full.`],
  [/\(os error 30\)/, msg`Its disk is read-only.`],
  [/\(os error 111\)/, msg`Nothing listens at that address.`],
  [/\b(NOAUTH|WRONGPASS)\b/, msg`Redis does not take the password.`],
  [/\bNOPERM\b/, msg`Redis does not allow this user to do it.`],
  [/\bREADONLY\b/, msg`This Redis is a replica and takes no changes.`],
  [/\bOOM\b/, msg`Redis has no memory left.`],
  [/\bMISCONF\b/, msg`Redis cannot write to its disk.`],
];

interface Reason {
  /** `null` where only the server's own words say it. */
  words: MessageDescriptor | null;
  /** What somebody else says of it: the machine, Redis, or what reads JSON and pictures. */
  told: string | null;
}

/** Why it is a problem, in the reader's words. */
export function reasonOf({ detail }: Problem, formats: Formats): Reason {
  const sentence = Object.entries(SENTENCES).find(([part]) => detail.includes(part));
  if (!sentence) return { words: ANSWERS.find(([answer]) => answer.test(detail))?.[1] ?? null, told: detail };
  const [part, say] = sentence;
  const [first = '', second = ''] = (detail.match(/\d+/g) ?? []).map((number) => formats.number(Number(number)));
  const told = part.endsWith(':') ? detail.slice(detail.indexOf(part) + part.length).trim() : null;
  return { words: say(first, second), told };
}

/** Places that the server may learn later have its own words alone. */
export const adviceOn = ({ place, subject }: Problem): Advice | undefined => SPECIAL[`${place} ${subject}`] ?? USUAL[place];
