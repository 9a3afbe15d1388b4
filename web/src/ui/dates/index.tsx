// The pickers of dates, whose code comes when one is first drawn.

import { lazy, Suspense, type ComponentProps } from 'react';
import type { DayPicker as Day, DaysPicker as Days, MomentPicker as Moment } from './DatePicker';

const LazyMoment = lazy(async () => ({ default: (await import('./DatePicker')).MomentPicker }));
const LazyDay = lazy(async () => ({ default: (await import('./DatePicker')).DayPicker }));
const LazyDays = lazy(async () => ({ default: (await import('./DatePicker')).DaysPicker }));

const PLACE = <span data-waiting className="block min-h-10 min-w-56" />;

export function MomentPicker(props: ComponentProps<typeof Moment>) {
  return (
    <Suspense fallback={PLACE}>
      <LazyMoment {...props} />
    </Suspense>
  );
}

export function DaysPicker(props: ComponentProps<typeof Days>) {
  return (
    <Suspense fallback={PLACE}>
      <LazyDays {...props} />
    </Suspense>
  );
}

export function DayPicker(props: ComponentProps<typeof Day>) {
  return (
    <Suspense fallback={PLACE}>
      <LazyDay {...props} />
    </Suspense>
  );
}
