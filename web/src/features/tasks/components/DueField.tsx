// Until when: in words, by one press, or chosen from a month of the reader's calendar.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { useFormats, usePreferences } from '../../../lib/reader';
import { read } from '../../../lib/when';
import { addDays } from '../../../lib/zone';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { DayPicker } from '../../../ui/dates';
import { Answers } from '../../../ui/Overlay';
import { dueDay } from '../model';
import { useDueWords } from './Names';

interface Props {
  value: string | null;
  onChange: (due: string | null) => void;
}

const DAYS = [0, 1, 7] as const;

export function DueField({ value, onChange }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const { zone } = usePreferences().preferences;
  const words = useDueWords();
  const [text, setText] = useState('');
  const [picked, setPicked] = useState(() => dueDay(value, formats));
  const said = text.trim() ? read(text, Date.now(), zone) : null;
  const meant = said?.at ?? said?.day ?? null;
  const due = text.trim() ? meant : picked;
  const today = formats.iso(Date.now());
  const names = { 0: t`Today`, 1: t`Tomorrow`, 7: t`In a week` };
  const called = meant && words(meant);
  return (
    <form className="grid gap-3" onSubmit={(event) => (event.preventDefault(), due && onChange(due))}>
      <TextField
        autoFocus
        label={t`In words`}
        placeholder={t`tomorrow 10, next Sat…`}
        value={text}
        onChange={setText}
        error={text.trim() && !meant ? t`This is not understood yet; write for example tomorrow 10, next Sat or in 2 weeks.` : undefined}
        hint={called && <Trans>means: {called}</Trans>}
      />
      <div className="flex flex-wrap gap-2">
        {DAYS.map((days) => (
          <Button key={days} size="small" onPress={() => onChange(addDays(today, days))}>
            {names[days]}
          </Button>
        ))}
        <Button size="small" weight="bare" onPress={() => onChange(null)}>
          <Trans>No date</Trans>
        </Button>
      </div>
      <DayPicker label={t`Day`} value={picked} onChange={setPicked} />
      <Answers>
        <Button type="submit" weight="primary" isDisabled={!due}>
          <Trans>Set</Trans>
        </Button>
      </Answers>
    </form>
  );
}
