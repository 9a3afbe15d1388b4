// How a source and its runs do, in words.

import { useLingui } from '@lingui/react/macro';
import { Shape, Status } from '../../../ui/Status';
import { Code } from '../../../ui/Text';
import type { Health, Status as RunStatus } from '../api';
import { HEALTH, PARTITIONS, STATUS } from '../model';

export function HealthMark({ health }: { health: Health }) {
  const { t } = useLingui();
  const { tone, word } = HEALTH[health];
  return <Status tone={tone}>{t(word)}</Status>;
}

export function StatusMark({ status }: { status: RunStatus }) {
  const { t } = useLingui();
  const { tone, word } = STATUS[status];
  return <Status tone={tone}>{t(word)}</Status>;
}

/** The shape alone, where the word stands beside it. */
export function StatusShape({ status }: { status: RunStatus }) {
  return <Shape tone={STATUS[status].tone} />;
}

export function PartitionName({ name }: { name: string }) {
  const { t } = useLingui();
  const word = PARTITIONS[name];
  return word ? t(word) : <Code>{name}</Code>;
}
