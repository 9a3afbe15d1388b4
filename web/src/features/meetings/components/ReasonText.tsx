// Why a meeting is as it is: in the reader's words, and in the server's where it says more.

import { useLingui } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import type { Meeting } from '../model';
import { explain, type Reason } from '../reasons';

export function ReasonText({ reason }: { reason: Reason }) {
  const { t } = useLingui();
  const { words, detail } = explain(reason, useFormats());
  return (
    <>
      {words && <span className="wrap-anywhere">{t(words)}</span>}
      {detail && (
        <bdi lang="en" className={words ? 'block text-sm text-ink-2 wrap-anywhere' : 'wrap-anywhere'}>
          {detail}
        </bdi>
      )}
    </>
  );
}

/** Why a meeting failed, or failed last. */
export function lastError({ last_error, last_error_code, last_error_facts }: Meeting): Reason | null {
  return last_error ? { code: last_error_code ?? '', facts: last_error_facts ?? {}, text: last_error } : null;
}
