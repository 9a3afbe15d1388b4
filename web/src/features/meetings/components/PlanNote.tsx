// What the supervisor would do about one meeting now, and why.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { planOf } from '../api';
import { ACTIONS } from '../model';
import { ReasonText } from './ReasonText';

export function PlanNote({ id }: { id: string }) {
  const { t } = useLingui();
  const step = useQuery(planOf(id)).data?.steps[0];
  if (!step) return null;
  const known = ACTIONS[step.action];
  return (
    <div className="grid gap-1">
      <p>
        <Trans>Now it would {known ? t(known) : <bdi>{step.action}</bdi>}.</Trans>
      </p>
      <p className="text-sm text-ink-2">
        <ReasonText reason={{ code: step.code, facts: step.facts, text: step.reason }} />
      </p>
    </div>
  );
}
