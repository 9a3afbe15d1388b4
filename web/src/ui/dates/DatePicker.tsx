// A moment, or two days, typed or chosen from a month.

import { parseAbsolute, parseDate, type ZonedDateTime } from '@internationalized/date';
import { CalendarDays } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Calendar } from 'react-aria-components/Calendar';
import { DateInput, DateSegment } from 'react-aria-components/DateField';
import { DatePicker as AriaDatePicker } from 'react-aria-components/DatePicker';
import { DateRangePicker } from 'react-aria-components/DateRangePicker';
import { Dialog } from 'react-aria-components/Dialog';
import { Group } from 'react-aria-components/Group';
import { Label } from 'react-aria-components/Label';
import { Popover } from 'react-aria-components/Popover';
import { RangeCalendar } from 'react-aria-components/RangeCalendar';
import { END, LEFT_TO_RIGHT } from '../../lib/bidi';
import { usePreferences } from '../../lib/reader';
import { cx } from '../cx';
import { INPUT } from '../Field';
import { POPOVER } from '../Select';
import { Month } from './Calendar';
import { useLatinDigits } from './segments';

// Kept a block: as a flex box its segments would be drawn in the opposite order.
const SEGMENTS = 'block whitespace-nowrap';
const SEGMENT =
  'inline-block min-w-6 min-h-6 px-0.5 text-center rounded-sm outline-none data-placeholder:text-ink-3 data-[type=literal]:inline ' +
  'data-focused:bg-lajvard data-focused:text-on-lajvard';

interface MomentProps {
  label: string;
  /** RFC 3339. */
  value: string;
  onChange: (value: string) => void;
}

/** A moment in the reader's zone. */
export function MomentPicker({ label, value, onChange }: MomentProps) {
  const { zone } = usePreferences().preferences;
  const change = (moment: ZonedDateTime | null) => moment && onChange(moment.toDate().toISOString());
  return (
    <AriaDatePicker value={parseAbsolute(value, zone)} onChange={change} granularity="minute" hourCycle={24} hideTimeZone className="grid gap-1">
      <Label className="font-semibold">{label}</Label>
      <Typed>
        <Segments />
      </Typed>
      <Opened>
        <Calendar>
          <Month />
        </Calendar>
      </Opened>
    </AriaDatePicker>
  );
}

interface DayProps {
  label: string;
  /** `2026-11-20` */
  value: string | null;
  onChange: (value: string | null) => void;
}

/** A whole day. */
export function DayPicker({ label, value, onChange }: DayProps) {
  return (
    <AriaDatePicker value={value ? parseDate(value) : null} onChange={(day) => onChange(day && day.toString())} className="grid gap-1">
      <Label className="font-semibold">{label}</Label>
      <Typed>
        <Segments />
      </Typed>
      <Opened>
        <Calendar>
          <Month />
        </Calendar>
      </Opened>
    </AriaDatePicker>
  );
}

export interface Days {
  /** `2026-11-20`, both included. */
  from: string;
  to: string;
}

interface RangeProps {
  label: string;
  value: Days | null;
  onChange: (value: Days | null) => void;
}

/** Two days and all between them. */
export function DaysPicker({ label, value, onChange }: RangeProps) {
  const range = value && { start: parseDate(value.from), end: parseDate(value.to) };
  return (
    <DateRangePicker
      aria-label={label}
      value={range}
      onChange={(chosen) => onChange(chosen && { from: chosen.start.toString(), to: chosen.end.toString() })}
    >
      <Typed>
        <Segments slot="start" />
        <span aria-hidden className="px-1 text-ink-3">
          –
        </span>
        <Segments slot="end" />
      </Typed>
      <Opened>
        <RangeCalendar>
          <Month />
        </RangeCalendar>
      </Opened>
    </DateRangePicker>
  );
}

/** Persian writes a day from the year on, left to right. React Aria says so of the time alone, with signs that must stay in the line. */
function Segments({ slot }: { slot?: 'start' | 'end' }) {
  return (
    <DateInput {...(slot && { slot })} className={SEGMENTS}>
      {(segment) => (
        <>
          {segment.type === 'year' && LEFT_TO_RIGHT}
          <DateSegment segment={segment} className={SEGMENT} />
          {segment.type === 'day' && END}
        </>
      )}
    </DateInput>
  );
}

function Typed({ children }: { children: ReactNode }) {
  const ref = useLatinDigits<HTMLDivElement>();
  return (
    <Group ref={ref} className={cx(INPUT, 'flex items-center gap-1')}>
      {children}
      <Button className="ms-auto grid size-8 flex-none place-items-center rounded-sm text-ink-2 cursor-pointer hover:bg-sunken">
        <CalendarDays size={16} aria-hidden />
      </Button>
    </Group>
  );
}

function Opened({ children }: { children: ReactNode }) {
  return (
    <Popover className={cx(POPOVER, 'max-h-none p-3')}>
      <Dialog className="outline-none">{children}</Dialog>
    </Popover>
  );
}
