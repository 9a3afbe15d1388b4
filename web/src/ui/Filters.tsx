// What narrows a list, in a row above it.

import { useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './Button';
import { DaysPicker } from './dates';
import { Select, type Option } from './Select';

export function FilterBar({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-3 pb-4">{children}</div>;
}

interface SelectProps<T extends string> {
  label: string;
  /** What the list shows without it. */
  all: string;
  options: readonly Option<T>[];
  value: T | undefined;
  onChange: (value: T | undefined) => void;
}

/** One of a few, or all of them. */
export function FilterSelect<T extends string>({ label, all, options, value, onChange }: SelectProps<T>) {
  const ALL = 'all';
  return (
    <Select<T | typeof ALL>
      label={label}
      isLabelHidden
      options={[{ id: ALL, text: all }, ...options]}
      value={value ?? ALL}
      onChange={(chosen) => onChange(chosen === ALL ? undefined : chosen)}
      className="w-48 max-sm:w-auto max-sm:flex-1"
    />
  );
}

interface DaysSearch {
  from?: string | undefined;
  to?: string | undefined;
}

/** Two days and all between them, or every day. */
export function DaysFilter({ search: { from, to }, onChange }: { search: DaysSearch; onChange: (days: DaysSearch) => void }) {
  const { t } = useLingui();
  const days = from && to ? { from, to } : null;
  return (
    <div className="flex items-center">
      <DaysPicker label={t`Days`} value={days} onChange={(chosen) => onChange({ from: chosen?.from, to: chosen?.to })} />
      {days && (
        <IconButton aria-label={t`All days`} onPress={() => onChange({ from: undefined, to: undefined })}>
          <X size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
