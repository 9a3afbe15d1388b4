// Why a meeting is as it is, in the reader's words: the server sends a code and the facts beside its own sentence.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { isolate, isolateLtr } from '../../lib/bidi';
import type { Formats } from '../../lib/formats';

export interface Reason {
  code: string;
  facts: Record<string, unknown>;
  /** The server's own sentence, which is English. */
  text: string;
}

/** How each fact stands in a sentence: as a code, a name, a number or a moment. */
const KINDS = {
  port: 'code', low: 'code', high: 'code', wanted: 'code', pid: 'code', timeout: 'code', window: 'code', status: 'code', page: 'code',
  holder: 'name', name: 'name',
  polls: 'number', needed: 'number', max: 'number', seconds: 'number',
  begin: 'moment', end: 'moment',
} as const;

/** Every fact as it is written; empty when the server did not send it. */
type Said = Record<keyof typeof KINDS, string>;

function say(facts: Record<string, unknown>, formats: Formats): Said {
  const write = {
    code: isolateLtr,
    name: isolate,
    number: (text: string) => formats.number(Number(text)),
    moment: (text: string) => formats.brief(text, Date.now()),
  };
  const said = Object.entries(KINDS).map(([name, kind]) => {
    const fact = facts[name] ?? '';
    return [name, fact === '' ? '' : write[kind](String(fact))];
  });
  return Object.fromEntries(said) as Said;
}

const REASONS: Record<string, (said: Said) => MessageDescriptor> = {
  'time.ahead': ({ begin }) => msg`It begins at ${begin}.`,
  'time.come': ({ port }) => (port ? msg`Its time has come; it takes port ${port}.` : msg`Its time has come; it takes a free port.`),
  'time.over': ({ end }) => msg`It ended at ${end}.`,
  'operator.started': ({ port }) => (port ? msg`An operator started it; it takes port ${port}.` : msg`An operator started it; it takes a free port.`),
  'operator.stopped': () => msg`An operator stopped it.`,
  'operator.idle': () => msg`Nobody has started it.`,
  'source.on': ({ port }) => (port ? msg`Its source says that it runs; it takes port ${port}.` : msg`Its source says that it runs; it takes a free port.`),
  'source.off': () => msg`Its source says that it does not run.`,
  'source.vanished': () => msg`Its source does not list it any more.`,
  'source.held': ({ polls, needed }) => msg`Its source stopped listing it together with others; ${polls} of ${needed} looks agree.`,
  'end.moved': ({ end }) => msg`Its end moved to ${end}; its room is told.`,
  'port.taken': ({ port, holder }) => msg`Port ${port} is taken by ${holder}.`,
  'port.claimed': ({ port, name }) => msg`“${name}” asks for port ${port} too and has it.`,
  'port.out_of_range': ({ port, low, high }) => msg`Port ${port} is outside ${low} to ${high}.`,
  'port.reassigned': ({ port }) => msg`It cannot have port ${port} and takes a free one.`,
  'port.exhausted': ({ low, high }) => msg`No port from ${low} to ${high} is free.`,
  'port.moved': () => msg`It asks for another port now; its room is tried there.`,
  'port.later': ({ port, wanted }) => msg`Its room is on port ${port}; port ${wanted} counts from the next start.`,
  'room.runs': ({ end }) => msg`Its room runs until ${end}.`,
  'room.elsewhere': () => msg`Another server keeps its room, or is about to.`,
  'room.cut_off': () => msg`The database does not answer, and another server may have it by now.`,
  'room.moved': () => msg`Another server keeps its room now; this one ends.`,
  'room.stopping': () => msg`Its room is still ending and starts again after that.`,
  'room.killed': () => msg`Its room ignored the order to end and was killed.`,
  'room.crashed': () => msg`Its room ended all of a sudden.`,
  'room.not_started': () => msg`Its room ended before it was ready.`,
  'room.never_ready': ({ timeout }) => msg`Its room did not answer within ${timeout} and was killed.`,
  'room.given_up': ({ max, window, seconds }) => msg`Its room crashed more than ${max} times within ${window} and is tried again in ${seconds} seconds.`,
  'room.refused': () => msg`The machine did not give its room what it needs.`,
  'room.earlier_lives': ({ pid }) => msg`Its earlier process ${pid} still lives.`,
  'source.unreachable': () => msg`The source cannot be reached.`,
  'source.timeout': () => msg`The source did not answer in time.`,
  'source.status': ({ status }) => msg`The source answered with status ${status}.`,
  'source.no_list': () => msg`What the source answered is no list of meetings.`,
  'source.too_large': () => msg`What the source answered is larger than Dabir reads.`,
  'source.too_many_pages': ({ max }) => msg`The source has more than ${max} pages.`,
  'source.foreign_page': ({ page }) => msg`The source sends Dabir on to another address: ${page}`,
  'room.locked': () => msg`A process that an earlier room left behind is in the way.`,
};

/** What only the server's words tell: what the machine or the room said. */
const TOLD: ReadonlySet<string> = new Set(['room.crashed', 'room.not_started', 'room.given_up', 'room.refused', 'source.unreachable', 'source.no_list']);

export interface Explained {
  /** `null` for what this page does not know: the server's sentence says it. */
  words: MessageDescriptor | null;
  /** The server's sentence, where it says more. */
  detail: string | null;
}

export function explain({ code, facts, text }: Reason, formats: Formats): Explained {
  const known = REASONS[code];
  if (!known) return { words: null, detail: text };
  return { words: known(say(facts, formats)), detail: TOLD.has(code) ? text : null };
}

export const CODES: readonly string[] = Object.keys(REASONS);
