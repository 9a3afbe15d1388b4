// What the supervisor would do about one meeting now, and why.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { plan } from '../api';
import { ACTIONS } from '../model';

export function PlanNote({ id }: { id: string }) {
  const { t } = useLingui();
  const { data } = useQuery(plan());
  const step = data?.steps.find((step) => step.id === id);
  if (!step) return null;
  const known = ACTIONS[step.action];
  return (
    <div className="grid gap-1">
      <p>
        <Trans>Now it would {known ? t(known) : <bdi>{step.action}</bdi>}.</Trans>
      </p>
      <p className="text-sm text-ink-2">
        <bdi lang="en">{step.reason}</bdi>
      </p>
    </div>
  );
}
