// What people call a source of data.

import { useLingui } from '@lingui/react/macro';
import { NAMES } from '../lib/sources';
import { Code } from './Text';

/** A name that is not known here is shown as it is. */
export function SourceName({ name }: { name: string }) {
  const { t } = useLingui();
  const word = NAMES[name];
  return word ? t(word) : <Code>{name}</Code>;
}
