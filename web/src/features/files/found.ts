// What is said of what was found in a file: why nothing was, how hard its text is, what the file hangs on.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Attachment } from './api';

interface Advice {
  why: MessageDescriptor;
  todo: MessageDescriptor;
}

const MAKE_ANEW = msg`Open it where it was made, save it anew and upload that.`;
const NO_DANGER = msg`It was put aside unread, because files like that are made to do harm. Make it anew from what is in it.`;
const SMALLER = msg`Divide it into smaller ones and upload these.`;
const LOOK_AT_HOUSE = msg`An administrator has to look at the installation; then analyse it again.`;
const AGAIN = msg`Analyse it again; if it stays so, save it in another format.`;

/** Why a file could not be read, by the words of the server for it. */
export const FAILURES: Record<string, Advice> = {
  encrypted: { why: msg`It is locked with a password.`, todo: msg`Save it without one and upload that.` },
  damaged: { why: msg`It is damaged, or breaks off.`, todo: MAKE_ANEW },
  unknown_kind: { why: msg`It is of a kind that is not known here.`, todo: msg`Save it in a common format, such as PDF or Word.` },
  ratio: { why: msg`It is packed too tightly: unpacked, it would be a great many times as large.`, todo: NO_DANGER },
  too_large: { why: msg`Too much is packed in it.`, todo: SMALLER },
  too_many_entries: { why: msg`It is made of too many parts.`, todo: SMALLER },
  overlap: { why: msg`Its parts lie one over the other.`, todo: NO_DANGER },
  path: { why: msg`A part of it wants to be outside of it.`, todo: NO_DANGER },
  too_deep: { why: msg`Its parts are nested too deeply.`, todo: MAKE_ANEW },
  entities: { why: msg`It has abbreviations that could be anything.`, todo: NO_DANGER },
  too_many_pixels: { why: msg`The picture has too many pixels.`, todo: msg`Make it smaller and upload that.` },
  too_slow: { why: msg`Reading it takes too long.`, todo: SMALLER },
  too_much_memory: { why: msg`Reading it takes too much memory.`, todo: SMALLER },
  crashed: { why: msg`Its reader broke on it.`, todo: AGAIN },
  no_reader: { why: msg`The reader for this kind is not installed.`, todo: LOOK_AT_HOUSE },
  helper: { why: msg`The program that reads files cannot be begun.`, todo: LOOK_AT_HOUSE },
};

/** The words for how hard a text is; from so many points on. */
const EASE: readonly [number, MessageDescriptor][] = [
  [80, msg`very easy`],
  [60, msg`easy`],
  [40, msg`of medium difficulty`],
  [20, msg`hard`],
  [-Infinity, msg`very hard`],
];

export const easeWord = (ease: number): MessageDescriptor => (EASE.find(([from]) => ease >= from) ?? EASE[EASE.length - 1]!)[1];

const LANGUAGES: Record<string, string> = { persian: 'fa', english: 'en', arabic: 'ar' };

/** A language in the words of the reader's; `null` for one that was not told apart. */
export function languageName(language: string, locale: string): string | null {
  const code = LANGUAGES[language];
  return (code && new Intl.DisplayNames(locale, { type: 'language' }).of(code)) ?? null;
}

const MINUTE = 60;

/** Minutes of reading, at least one. */
export const readingMinutes = (seconds: number): number => Math.max(1, Math.round(seconds / MINUTE));

/** What a file hangs on, and the page of it. */
export const SUBJECTS: Record<string, { word: MessageDescriptor; path: (id: string) => string }> = {
  task: { word: msg`Task`, path: (id) => `/tasks/${encodeURIComponent(id)}` },
  document: { word: msg`Document`, path: (id) => `/documents/${encodeURIComponent(id)}` },
  meeting: { word: msg`Meeting`, path: (id) => `/meetings/${encodeURIComponent(id)}` },
};

export const pageOf = ({ subject_kind, subject_id }: Attachment): string | undefined => SUBJECTS[subject_kind]?.path(subject_id);

/** Only these are a way out of the console; a file may call anything a link. */
export const isWebAddress = (link: string): boolean => /^https?:\/\/[^\s]+$/i.test(link);
