// What tokens may do, and how long they last.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Role } from '../../lib/user';
import type { Tone } from '../../ui/Status';
import type { NewToken, Scope, Token } from './api';

export const SCOPES: Record<Scope, { word: MessageDescriptor; meaning: MessageDescriptor }> = {
  read: { word: msg`Read`, meaning: msg`See all that its owner sees.` },
  write: { word: msg`Write`, meaning: msg`Write documents and tasks.` },
  operate: { word: msg({ message: 'Operate', context: 'right' }), meaning: msg`Run meetings, rooms and ports.` },
  admin: { word: msg`Administer`, meaning: msg`All that its owner may.` },
};

/** The most that a token of each role may do, as the server allows it. */
export const SCOPES_OF: Record<Role, readonly Scope[]> = {
  participant: ['read'],
  auditor: ['read'],
  writer: ['read', 'write'],
  operator: ['read', 'write', 'operate'],
  admin: ['read', 'write', 'operate', 'admin'],
};

export interface Values {
  name: string;
  scopes: Scope[];
  lasts: '30d' | '90d' | '365d' | 'day' | 'never';
  /** RFC 3339, for `lasts: 'day'`. */
  until: string;
}

/** The server takes spans, so a day becomes the seconds until then. */
export function toBody({ name, scopes, lasts, until }: Values, now: number): NewToken {
  const seconds = Math.max(1, Math.round((Date.parse(until) - now) / 1000));
  const expires = lasts === 'day' ? `${seconds}s` : lasts;
  return { name: name.trim(), scopes, ...(expires !== 'never' && { expires }) };
}

const SOON_MS = 7 * 86_400_000;

export function toneOf({ expires_at }: Token, now: number): Tone {
  if (!expires_at) return 'wait';
  const left = Date.parse(expires_at) - now;
  if (left <= 0) return 'over';
  return left < SOON_MS ? 'warn' : 'live';
}
