// How one wants to read: language, calendar, digits, zone, theme, density.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { isZone, type Preferences } from '../lib/preferences';
import { useFormats, usePreferences } from '../lib/reader';
import { TextField } from './Field';
import { LabelledChoice } from './Select';

export function Look() {
  const { t } = useLingui();
  const { preferences, choose } = usePreferences();
  const formats = useFormats();
  const set =
    <K extends keyof Preferences>(key: K) =>
    (value: Preferences[K]) =>
      choose({ [key]: value });
  return (
    <div className="grid gap-5">
      <LabelledChoice
        label={t`Language`}
        value={preferences.lang}
        onChange={(lang) => choose({ lang, calendar: undefined, digits: undefined })}
        options={[
          { id: 'fa', text: 'فارسی' },
          { id: 'en', text: 'English' },
        ]}
      />
      <LabelledChoice
        label={t`Calendar`}
        value={preferences.calendar}
        onChange={set('calendar')}
        options={[
          { id: 'persian', text: t`Persian` },
          { id: 'gregory', text: t`Gregorian` },
        ]}
      />
      <LabelledChoice
        label={t`Digits`}
        value={preferences.digits}
        onChange={set('digits')}
        options={[
          { id: 'arabext', text: '۱۲۳' },
          { id: 'latn', text: '123' },
        ]}
      />
      <p className="rounded-md bg-sunken px-3 py-2 text-ink-2">{formats.moment(Date.now())}</p>
      <Zone value={preferences.zone} onChange={set('zone')} />
      <LabelledChoice
        label={t`Theme`}
        value={preferences.theme}
        onChange={set('theme')}
        options={[
          { id: 'auto', text: t`As the system` },
          { id: 'light', text: t`Light` },
          { id: 'dark', text: t`Dark` },
        ]}
      />
      <LabelledChoice
        label={t`Rows`}
        value={preferences.density}
        onChange={set('density')}
        options={[
          { id: 'comfortable', text: t`Comfortable` },
          { id: 'compact', text: t`Compact` },
        ]}
      />
      <p className="text-sm text-ink-2">
        <Trans>All this goes with you to other devices, but for the time zone, which is this browser's.</Trans>
      </p>
    </div>
  );
}

function Zone({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState(value);
  const good = isZone(text);
  const leave = () => good && text !== value && onChange(text);
  return (
    <TextField
      ltr
      label={t`Time zone`}
      hint={t`Its name, such as Asia/Tehran or Europe/Berlin.`}
      value={text}
      onChange={setText}
      onBlur={leave}
      error={good ? undefined : t`There is no such zone.`}
    />
  );
}
