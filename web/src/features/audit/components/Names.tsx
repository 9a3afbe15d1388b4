// What is done, who does it, and to what, in words.

import { useLingui } from '@lingui/react/macro';
import { Mono } from '../../../ui/Text';
import type { Entry } from '../api';
import { ACTIONS, ACTORS } from '../model';

/** Cut at its own end, whichever way it runs. */
const CUT = 'inline-block max-w-full truncate align-bottom';

/** An action that is not known here says its own name. */
export function ActionName({ action }: { action: string }) {
  const { t } = useLingui();
  const word = ACTIONS[action];
  return word ? t(word) : <Mono>{action}</Mono>;
}

export function ActorName({ entry: { actor_kind, actor_name } }: { entry: Entry }) {
  const { t } = useLingui();
  const kind = ACTORS[actor_kind];
  if (!actor_name) return kind ? t(kind) : actor_kind;
  return <bdi className={CUT}>{actor_name}</bdi>;
}

export function SubjectName({ entry: { target_name, target_id } }: { entry: Entry }) {
  return target_name ? <bdi className={CUT}>{target_name}</bdi> : <Mono className={CUT}>{target_id}</Mono>;
}
