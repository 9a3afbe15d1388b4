// What the server refused of a form, to stand beside each field.

import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { allowed } from '../api/explain';
import { Problem } from '../api/problem';

/** In the reader's words where there are some; what the server says itself is English. */
export function useRefusal(error: unknown): (field: string) => ReactNode {
  const { t } = useLingui();
  return (name) => {
    const problem = error instanceof Problem ? error : null;
    const refused = problem?.fields.find(({ field }) => field === name);
    if (!problem || !refused) return undefined;
    const words = allowed(problem, name);
    return words ? t(words) : <bdi lang="en">{refused.detail}</bdi>;
  };
}
