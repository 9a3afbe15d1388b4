// What went wrong: cause, effect and next step, with the number that finds it in the log.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { explain } from '../api/explain';
import { Problem } from '../api/problem';
import { Button } from './Button';
import { Shape } from './Status';
import { Mono } from './Text';

interface Props {
  error: unknown;
  /** What it means for the one who reads: “The list cannot be shown.” */
  effect: ReactNode;
  onRetry?: () => void;
}

export function ErrorView({ error, effect, onRetry }: Props) {
  const { t } = useLingui();
  const { cause, next } = explain(error);
  const said = error instanceof Error ? error.message : String(error);
  const requestId = error instanceof Problem ? error.requestId : null;
  return (
    <div role="alert" className="grid gap-1 rounded-md border border-anar bg-anar-soft px-4 py-3">
      <p className="flex items-center gap-2 font-bold text-anar">
        <Shape tone="bad" />
        {effect}
      </p>
      <p>{cause ? t(cause) : <bdi lang="en">{said}</bdi>}</p>
      <p className="text-ink-2">{t(next)}</p>
      {requestId && (
        <p className="text-sm text-ink-2">
          <Trans>
            Request <Mono>{requestId}</Mono>
          </Trans>
        </p>
      )}
      {onRetry && (
        <div className="pt-1">
          <Button onPress={onRetry}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}
