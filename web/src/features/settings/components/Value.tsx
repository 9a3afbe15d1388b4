// A value of a setting, for reading, and what it may be.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import { Mono } from '../../../ui/Text';
import type { Setting } from '../api';
import { read, splitDuration, type Unit } from '../model';
import { SETTINGS } from '../words';

export const UNIT_NAMES: Record<Unit, MessageDescriptor> = {
  ms: msg`milliseconds`,
  s: msg`seconds`,
  m: msg`minutes`,
  h: msg`hours`,
  d: msg`days`,
};

type Named = Pick<Setting, 'key' | 'kind'>;

export function Value({ setting: { key, kind }, value }: { setting: Named; value: unknown }) {
  const { t } = useLingui();
  const formats = useFormats();
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return <Trans>empty</Trans>;
  if (kind === 'boolean') return value ? <Trans>yes</Trans> : <Trans>no</Trans>;
  if (kind === 'duration') return <Duration text={String(value)} />;
  if (Array.isArray(value)) return <Mono>{value.join(kind === 'range' ? '–' : ' ')}</Mono>;
  if (typeof value === 'number') return formats.decimal(value);
  const choice = SETTINGS[key]?.choices?.[String(value)];
  return choice ? t(choice) : <Mono>{String(value)}</Mono>;
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

/** `100ms to 1d` */
const BOUNDS = /^(\S+) to (\S+)$/;

/** What a value may be. Choices show it themselves; what else the server says is English. */
export function Allowed({ setting }: { setting: Setting }) {
  const { t } = useLingui();
  if (setting.kind === 'choice' || setting.kind === 'boolean') return null;
  const words = SETTINGS[setting.key]?.allowed;
  const [, least, most] = BOUNDS.exec(setting.allowed) ?? [];
  if (words) return <Trans>Allowed: {t(words)}</Trans>;
  if (!least || !most) {
    return (
      <Trans>
        Allowed: <bdi lang="en">{setting.allowed}</bdi>
      </Trans>
    );
  }
  return (
    <Trans>
      Allowed: <Value setting={setting} value={read(setting.kind, least)} /> to <Value setting={setting} value={read(setting.kind, most)} />
    </Trans>
  );
}
