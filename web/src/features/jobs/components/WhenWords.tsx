// When a schedule fires, in words where there are some, and as it is written.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import type { Formats } from '../../../lib/formats';
import { useFormats } from '../../../lib/reader';
import { Mono } from '../../../ui/Text';
import type { Schedule } from '../api';
import { readWhen, type Unit, type When } from '../when';

type Times = Partial<Pick<Schedule, 'every' | 'cron' | 'timezone'>>;

export function WhenWords({ schedule }: { schedule: Times }) {
  const words = useWords(readWhen(schedule));
  return (
    <>
      {words && <span className="block">{words}</span>}
      {schedule.cron && (
        <span className="flex flex-wrap gap-x-3 text-sm text-ink-2">
          <Mono className="whitespace-nowrap">{schedule.cron}</Mono>
          <span>
            <Trans>
              in the zone <Mono>{schedule.timezone}</Mono>
            </Trans>
          </span>
        </span>
      )}
    </>
  );
}

function useWords(when: When): string | null {
  const { t } = useLingui();
  const formats = useFormats();
  switch (when.kind) {
    case 'every':
      return every(when.count, when.unit);
    case 'hourly': {
      const minute = formats.number(when.minute);
      return t`every hour at minute ${minute}`;
    }
    case 'daily': {
      const clock = clockOf(when.minutes, formats);
      return t`every day at ${clock}`;
    }
    case 'weekly': {
      const days = formats.list(when.days.map((day) => weekday(day, formats)));
      const clock = clockOf(when.minutes, formats);
      return t`every ${days} at ${clock}`;
    }
    case 'cron':
      return null;
  }
}

function every(count: number, unit: Unit): string {
  switch (unit) {
    case 's':
      return plural(count, { one: 'every second', other: 'every # seconds' });
    case 'm':
      return plural(count, { one: 'every minute', other: 'every # minutes' });
    case 'h':
      return plural(count, { one: 'every hour', other: 'every # hours' });
    case 'd':
      return plural(count, { one: 'every day', other: 'every # days' });
  }
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A Sunday, at midnight in UTC. */
const SUNDAY = Date.UTC(2023, 0, 1);

const clockOf = (minutes: number, formats: Formats): string => formats.wall().clock(SUNDAY + minutes * MINUTE_MS);
const weekday = (day: number, formats: Formats): string =>
  new Intl.DateTimeFormat(formats.locale, { weekday: 'long', timeZone: 'UTC' }).format(SUNDAY + day * DAY_MS);
