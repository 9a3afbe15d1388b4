// Telling that something was not done: what it means first, then why and what next.

import { useLingui } from '@lingui/react/macro';
import { explain } from '../api/explain';
import { Problem } from '../api/problem';
import { warn } from './Toast';
import { isolateLtr } from '../lib/bidi';

/** `failure(effect)` is what to do with an error. */
export function useFailure(): (effect: string) => (error: unknown) => void {
  const { t } = useLingui();
  return (effect) => (error) => {
    const { cause, next } = explain(error);
    const why = cause ? t(cause) : isolateLtr(error instanceof Error ? error.message : String(error));
    const id = error instanceof Problem && error.requestId ? isolateLtr(error.requestId) : null;
    const lines = [effect, why, t(next), id && t`Request ${id}`];
    warn(lines.filter(Boolean).join('\n'));
  };
}
