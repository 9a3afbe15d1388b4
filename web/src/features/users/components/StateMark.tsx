// The state of an account, as shape, colour and word.

import { useLingui } from '@lingui/react/macro';
import { Status } from '../../../ui/Status';
import type { Person } from '../api';
import { stateOf, STATES } from '../model';

export function StateMark({ person }: { person: Person }) {
  const { t } = useLingui();
  const { tone, word } = STATES[stateOf(person)];
  return <Status tone={tone}>{t(word)}</Status>;
}
