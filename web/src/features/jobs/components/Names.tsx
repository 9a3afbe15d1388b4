// A job's kind and state, in words.

import { useLingui } from '@lingui/react/macro';
import { Status } from '../../../ui/Status';
import { Code } from '../../../ui/Text';
import type { Job } from '../api';
import { KINDS, lookOf } from '../model';

/** A kind that is not known here says its own name. */
export function KindName({ kind }: { kind: string }) {
  const { t } = useLingui();
  const word = KINDS[kind];
  return word ? t(word) : <Code>{kind}</Code>;
}

export function StateMark({ job }: { job: Job }) {
  const { t } = useLingui();
  const { tone, word } = lookOf(job, Date.now());
  return <Status tone={tone}>{t(word)}</Status>;
}
