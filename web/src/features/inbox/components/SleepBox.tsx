// Until when something sleeps: by one press, in words, or chosen from a calendar.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { useFormats, usePreferences } from '../../../lib/reader';
import { read } from '../../../lib/when';
import { Button } from '../../../ui/Button';
import { MomentPicker } from '../../../ui/dates';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import type { Line } from '../api';
import { sleepChoices, wakesAt } from '../model';
import { Sentence } from './Sentence';

interface Props {
  line: Line;
  onSleep: (until: string) => void;
  onClose: () => void;
}

export function SleepBox({ line, onSleep, onClose }: Props) {
  const { t } = useLingui();
  return (
    <Box title={t`Let it sleep`} isOpen onClose={onClose}>
      <p className="text-ink-2 wrap-anywhere">
        <Sentence line={line} />
      </p>
      <SleepForm onSleep={(until) => (onClose(), onSleep(until))} />
    </Box>
  );
}

function SleepForm({ onSleep }: Pick<Props, 'onSleep'>) {
  const { t } = useLingui();
  const formats = useFormats();
  const { zone, calendar } = usePreferences().preferences;
  const [text, setText] = useState('');
  const [choices] = useState(() => sleepChoices(Date.now(), formats.iso(Date.now()), zone, calendar));
  const [picked, setPicked] = useState(choices.tomorrow);
  const words = text.trim();
  const meant = wakesAt(words ? read(words, Date.now(), zone) : { at: picked }, Date.now(), zone);
  const called = words && meant && formats.moment(meant);
  const buttons = [
    [choices.hour, t`An hour`],
    [choices.tomorrow, t`Tomorrow morning`],
    [choices.week, t`Next week`],
  ] as const;
  return (
    <form className="grid gap-3" onSubmit={(event) => (event.preventDefault(), meant && onSleep(meant))}>
      <div className="flex flex-wrap gap-2">
        {buttons.map(([until, word], at) => (
          <Button key={word} autoFocus={at === 0} onPress={() => onSleep(until)}>
            {word}
          </Button>
        ))}
      </div>
      <TextField
        label={t`In words`}
        placeholder={t`tomorrow 10, next Sat…`}
        value={text}
        onChange={setText}
        error={words && !meant ? t`This is not understood yet, or is over; write for example tomorrow 10, next Sat or in 2 weeks.` : undefined}
        hint={called && <Trans>means: {called}</Trans>}
      />
      <MomentPicker label={t`Day and time`} value={picked} onChange={(moment) => (setText(''), setPicked(moment))} />
      <p className="text-sm text-ink-2">
        <Trans>Until then it is out of sight; then it comes back unread, as the newest.</Trans>
      </p>
      <Answers>
        <Button type="submit" weight="primary" isDisabled={!meant}>
          <Trans>Set</Trans>
        </Button>
      </Answers>
    </form>
  );
}
