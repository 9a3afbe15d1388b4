// What the server refused of a form, to stand beside each field.

import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { FIELDS } from '../api/explain';
import { Problem } from '../api/problem';

/** In the reader's words where there are some; what the server says itself is English. */
export function useRefusal(error: unknown): (field: string) => ReactNode {
  const { t } = useLingui();
  const fields = error instanceof Problem ? error.fields : [];
  return (name) => {
    const refused = fields.find(({ field }) => field === name);
    const words = FIELDS[name];
    return refused && (words ? t(words) : <bdi lang="en">{refused.detail}</bdi>);
  };
}
