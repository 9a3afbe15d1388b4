// A month to choose from, in the reader's calendar and week.

import { ChevronLeft, ChevronRight } from 'lucide-react';
import { use } from 'react';
import { Button } from 'react-aria-components/Button';
import {
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  CalendarStateContext,
} from 'react-aria-components/Calendar';
import { RangeCalendarStateContext } from 'react-aria-components/RangeCalendar';
import { useFormats, usePreferences } from '../../lib/reader';

const ARROW = 'grid size-9 place-items-center rounded-md text-ink-2 cursor-pointer hover:bg-sunken disabled:text-line-strong';
const CELL =
  'grid size-9 place-items-center rounded-md cursor-pointer outline-none hover:bg-sunken data-outside-month:invisible ' +
  'data-selected:bg-lajvard data-selected:text-on-lajvard data-disabled:text-ink-3 data-unavailable:line-through ' +
  'data-focus-visible:outline-2 data-focus-visible:outline-lajvard data-focus-visible:outline-offset-2';

export function Month() {
  return (
    <>
      <header className="flex items-center justify-between pb-2">
        <Button slot="previous" className={ARROW}>
          <ChevronLeft size={18} aria-hidden className="mirror" />
        </Button>
        <MonthName />
        <Button slot="next" className={ARROW}>
          <ChevronRight size={18} aria-hidden className="mirror" />
        </Button>
      </header>
      <CalendarGrid weekdayStyle="narrow">
        <CalendarGridHeader>
          {(day) => <CalendarHeaderCell className="size-9 text-sm font-semibold text-ink-3">{day}</CalendarHeaderCell>}
        </CalendarGridHeader>
        <CalendarGridBody>{(date) => <CalendarCell date={date} className={CELL} />}</CalendarGridBody>
      </CalendarGrid>
    </>
  );
}

/** «آبان ۱۴۰۵»: React Aria's own heading has the year first. */
function MonthName() {
  const formats = useFormats();
  const { zone } = usePreferences().preferences;
  const [one, range] = [use(CalendarStateContext), use(RangeCalendarStateContext)];
  const start = (one ?? range)?.visibleRange.start;
  return (
    <span aria-hidden className="font-bold">
      {start && formats.month(start.toDate(zone))}
    </span>
  );
}
