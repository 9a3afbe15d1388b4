// What can be said of a line of the inbox: where it leads, what was said, the day it belongs to; and how long one sleeps.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Archive, DatabaseBackup, Files, FileText, ListTodo, Webhook, type LucideIcon } from 'lucide-react';
import * as v from 'valibot';
import type { Formats } from '../../lib/formats';
import type { When } from '../../lib/when';
import { addDays, momentOf } from '../../lib/zone';
import type { Line } from './api';
import type { Kind } from './search';

export const KINDS: Record<Kind, { word: MessageDescriptor; icon: LucideIcon }> = {
  task: { word: msg`Tasks`, icon: ListTodo },
  document: { word: msg`Documents`, icon: FileText },
  file: { word: msg`Files`, icon: Files },
  source: { word: msg`Sync`, icon: DatabaseBackup },
  backup: { word: msg`Backups`, icon: Archive },
  webhook: { word: msg`Webhooks`, icon: Webhook },
};

export const isKind = (kind: string): kind is Kind => kind in KINDS;

/** Where somebody goes who wants to see what happened; what was removed is looked for in its list. */
export function placeOf({ event, subject_kind, subject_id }: Line) {
  const isGone = event.endsWith('.deleted');
  switch (subject_kind) {
    case 'task':
      return isGone ? ({ to: '/tasks' } as const) : ({ to: '/tasks/$id', params: { id: subject_id } } as const);
    case 'document':
      if (isGone) return { to: '/documents' } as const;
      return { to: '/documents/$id', params: { id: subject_id }, search: { side: isSaid(event) ? ('comments' as const) : undefined } } as const;
    case 'file':
      return { to: '/files/$id', params: { id: subject_id } } as const;
    case 'source':
      return { to: '/sync/$name', params: { name: subject_id } } as const;
    case 'backup':
      return { to: '/backups' } as const;
    case 'webhook':
      return { to: '/webhooks/$id', params: { id: subject_id } } as const;
    default:
      return null;
  }
}

const isSaid = (event: string): boolean => event.endsWith('.commented') || event.endsWith('.mentioned');

const Told = v.object({
  comment: v.optional(v.object({ text: v.string() })),
  error: v.nullish(v.object({ detail: v.string() })),
  error_message: v.nullish(v.string()),
  detail: v.optional(v.string()),
});

/** What somebody wrote, or what the server says went wrong. */
export function detailOf({ event, data }: Line): { text: string; isOurs: boolean } | null {
  const told = v.safeParse(Told, data);
  if (!told.success) return null;
  const { comment, error, error_message, detail } = told.output;
  if (isSaid(event) && comment) return { text: comment.text, isOurs: false };
  const trouble = event.endsWith('.failed') ? (error?.detail ?? error_message ?? detail) : null;
  return trouble ? { text: trouble, isOurs: true } : null;
}

/** What a list shows: of the unread those that were just seen are gone too. */
export const shown = (lines: readonly Line[], { unread, kind, going }: { unread: boolean; kind: string | undefined; going: ReadonlySet<number> }): Line[] =>
  lines.filter(({ id, subject_kind, seen_at }) => !going.has(id) && !(unread && seen_at) && (!kind || subject_kind === kind));

/** The reader's day on which a line begins; `null` where the line above it has the same one. */
export function beginsDay(lines: readonly Line[], index: number, formats: Formats): string | null {
  const [before, line] = [lines[index - 1], lines[index]];
  const day = line ? formats.iso(line.at) : null;
  return before && formats.iso(before.at) === day ? null : day;
}

const MORNING_MS = 8 * 3_600_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Saturday where weeks begin on it, and Monday elsewhere. */
const FIRST = { persian: 6, gregory: 1 };

export const morningOf = (day: string, zone: string): string => new Date(momentOf(Date.parse(day) + MORNING_MS, zone)).toISOString();

/** Until when something sleeps, in the words of the menu. */
export function sleepChoices(now: number, today: string, zone: string, calendar: keyof typeof FIRST) {
  const inAnHour = new Date(Math.ceil((now + HOUR_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
  let nextWeek = addDays(today, 1);
  while (new Date(nextWeek).getUTCDay() !== FIRST[calendar]) nextWeek = addDays(nextWeek, 1);
  return { hour: inAnHour, tomorrow: morningOf(addDays(today, 1), zone), week: morningOf(nextWeek, zone) };
}

/** The moment that somebody said: of a whole day its morning; `null` when it is over. */
export function wakesAt(said: When | null, now: number, zone: string): string | null {
  const at = said?.at ?? (said?.day ? morningOf(said.day, zone) : null);
  return at && Date.parse(at) > now ? at : null;
}
