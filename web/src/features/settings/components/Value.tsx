// A value of a setting, for reading, and what it may be.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import { Mono } from '../../../ui/Text';
import type { Setting } from '../api';
import { bounds, splitDuration, type Fault, type Unit } from '../model';
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
  const { number, unit } = splitDuration(text);
  const count = Number(number);
  switch (unit) {
    case 'ms':
      return <Plural value={count} one="# millisecond" other="# milliseconds" />;
    case 's':
      return <Plural value={count} one="# second" other="# seconds" />;
    case 'm':
      return <Plural value={count} one="# minute" other="# minutes" />;
    case 'h':
      return <Plural value={count} one="# hour" other="# hours" />;
    case 'd':
      return <Plural value={count} one="# day" other="# days" />;
  }
}

/** What a value may be. Choices show it themselves. */
export function Allowed({ setting }: { setting: Setting }) {
  if (setting.kind === 'choice' || setting.kind === 'boolean') return null;
  return (
    <Trans>
      Allowed: <Bounds setting={setting} />
    </Trans>
  );
}

/** What may be written, in the reader's words where there are some; what the server says is English. */
export function Bounds({ setting }: { setting: Setting }) {
  const { t } = useLingui();
  const words = SETTINGS[setting.key]?.allowed;
  if (words) return t(words);
  const known = bounds(setting);
  if (!known) return <bdi lang="en">{setting.allowed}</bdi>;
  const least = <Value setting={setting} value={known.least} />;
  if (known.most === undefined) return <Trans>at least {least}</Trans>;
  return (
    <Trans>
      {least} to <Value setting={setting} value={known.most} />
    </Trans>
  );
}

/** What is wrong with what was typed: in the reader's words when it is that the value is none of the allowed ones. */
export function Wrong({ setting, fault }: { setting: Setting; fault: Fault }) {
  if (fault === 'unreadable') return <Trans>This cannot be read; see what is allowed.</Trans>;
  const { detail } = fault;
  const isOfBounds = SETTINGS[setting.key]?.allowed ?? (bounds(setting) && detail.endsWith(setting.allowed));
  if (isOfBounds) {
    return (
      <Trans>
        This is not allowed; write <Bounds setting={setting} />.
      </Trans>
    );
  }
  return (
    <Trans>
      This is not allowed: <bdi lang="en">{detail}</bdi>
    </Trans>
  );
}
