// The state of a meeting, as shape, colour and word.

import { useLingui } from '@lingui/react/macro';
import { Status } from '../../../ui/Status';
import { STATES, type MeetingState } from '../model';

export function StateMark({ state }: { state: MeetingState }) {
  const { t } = useLingui();
  const { tone, word } = STATES[state];
  return <Status tone={tone}>{t(word)}</Status>;
}
