// The field in which a setting is written, by its kind. What it holds is text; `model.ts` says what it means.

import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { NumberField, TextField } from '../../../ui/Field';
import { Choice, Select } from '../../../ui/Select';
import { splitDuration, UNITS } from '../model';
import type { Setting } from '../api';
import { SETTINGS } from '../words';
import { UNIT_NAMES } from './Value';

interface Props {
  setting: Setting;
  /** What the setting is called. */
  label: string;
  text: string;
  error: ReactNode;
  onChange: (text: string) => void;
}

export function Editor(props: Props) {
  switch (props.setting.kind) {
    case 'duration':
      return <Duration {...props} />;
    case 'range':
      return <Range {...props} />;
    case 'boolean':
      return <Switch {...props} />;
    case 'choice':
      return <OneOf {...props} />;
    default:
      return <Line {...props} />;
  }
}

function Line({ setting: { kind, value }, label, text, error, onChange }: Props) {
  const field = { label, isLabelHidden: true, ltr: true, value: text, error, onChange };
  if (kind === 'integer') return <NumberField {...field} />;
  if (kind === 'number') return <TextField {...field} inputMode="decimal" />;
  if (kind === 'list') return <TextField {...field} rows={Math.min(6, Math.max(2, Array.isArray(value) ? value.length + 1 : 2))} />;
  return <TextField {...field} />;
}

function Duration({ label, text, error, onChange }: Props) {
  const { t } = useLingui();
  const { number, unit } = splitDuration(text);
  const units = UNITS.map((id) => ({ id, text: t(UNIT_NAMES[id]) }));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_9rem] items-start gap-2">
      <NumberField label={label} isLabelHidden value={number} error={error} onChange={(typed) => onChange(`${typed}${unit}`)} />
      <Select label={t`Unit: ${label}`} isLabelHidden options={units} value={unit} onChange={(chosen) => onChange(`${number}${chosen}`)} />
    </div>
  );
}

function Range({ label, text, error, onChange }: Props) {
  const { t } = useLingui();
  const [first = '', last = ''] = text.split('-');
  return (
    <div className="grid grid-cols-2 items-start gap-2">
      <NumberField label={t`${label}: from`} isLabelHidden value={first} error={error} onChange={(typed) => onChange(`${typed}-${last}`)} />
      <NumberField label={t`${label}: to`} isLabelHidden value={last} onChange={(typed) => onChange(`${first}-${typed}`)} />
    </div>
  );
}

function Switch({ label, text, onChange }: Props) {
  const { t } = useLingui();
  const options = [
    { id: 'true', text: t`Yes` },
    { id: 'false', text: t`No` },
  ] as const;
  return (
    <div>
      <Choice label={label} options={options} value={text === 'true' ? 'true' : 'false'} onChange={onChange} />
    </div>
  );
}

function OneOf({ setting: { key, choices }, label, text, onChange }: Props) {
  const { t } = useLingui();
  const words = SETTINGS[key]?.choices;
  const options = (choices ?? []).map((id) => ({ id, text: words?.[id] ? t(words[id]) : id }));
  return <Select label={label} isLabelHidden options={options} value={text} onChange={onChange} />;
}
