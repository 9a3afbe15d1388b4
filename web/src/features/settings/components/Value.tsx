// A value of a setting, for reading.

import { Trans, useLingui } from '@lingui/react/macro';
import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useFormats } from '../../../lib/reader';
import { Mono } from '../../../ui/Text';
import { splitDuration, type Unit } from '../model';
import type { Json, Kind } from '../schema';

export const UNIT_NAMES: Record<Unit, MessageDescriptor> = {
  ms: msg`milliseconds`,
  s: msg`seconds`,
  m: msg`minutes`,
  h: msg`hours`,
  d: msg`days`,
};

export function Value({ kind, value }: { kind: Kind; value: Json }) {
  const formats = useFormats();
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return <Trans>empty</Trans>;
  if (kind === 'boolean') return value ? <Trans>yes</Trans> : <Trans>no</Trans>;
  if (kind === 'duration') return <Duration text={String(value)} />;
  if (kind === 'range' && Array.isArray(value)) return <Mono>{value.join('–')}</Mono>;
  if (Array.isArray(value)) return <Mono>{value.join(' ')}</Mono>;
  if (typeof value === 'number') return formats.decimal(value);
  return <Mono>{value}</Mono>;
}

function Duration({ text }: { text: string }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { number, unit } = splitDuration(text);
  return (
    <span>
      {formats.number(Number(number))} {t(UNIT_NAMES[unit])}
    </span>
  );
}
