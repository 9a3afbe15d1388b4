// In what state somebody's account is.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Tone } from '../../ui/Status';
import type { Person } from './api';

export type PersonState = 'active' | 'invited' | 'blocked';

export const STATES: Record<PersonState, { tone: Tone; word: MessageDescriptor }> = {
  active: { tone: 'live', word: msg`Active` },
  invited: { tone: 'wait', word: msg`Invited` },
  blocked: { tone: 'bad', word: msg`Blocked` },
};

export const STATE_NAMES: readonly PersonState[] = ['active', 'invited', 'blocked'];

/** Who is blocked stays so, invited or not. */
export function stateOf({ blocked, invited }: Pick<Person, 'blocked' | 'invited'>): PersonState {
  if (blocked) return 'blocked';
  return invited ? 'invited' : 'active';
}
