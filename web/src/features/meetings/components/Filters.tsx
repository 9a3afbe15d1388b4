// What the list shows: by state, name and days. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import { useCallback } from 'react';
import { useFormats } from '../../../lib/reader';
import { IconButton } from '../../../ui/Button';
import { DaysPicker } from '../../../ui/dates';
import type { Days } from '../../../ui/dates/DatePicker';
import { SearchField } from '../../../ui/SearchField';
import { Choice, Select } from '../../../ui/Select';
import { STATE_NAMES, STATES, type Totals } from '../model';
import { FIRST_ORDER, type MeetingsSearch } from '../search';

interface Props {
  search: MeetingsSearch;
  /** How many there are in each state. */
  totals: Totals | undefined;
  onChange: (search: Partial<MeetingsSearch>) => void;
}

export function Filters({ search, totals, onChange }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const word = (id: (typeof STATE_NAMES)[number]) => (totals ? `${t(STATES[id].word)} · ${formats.number(totals[id])}` : t(STATES[id].word));
  const states = [{ id: 'all', text: t`All states` }, ...STATE_NAMES.map((id) => ({ id, text: word(id) }))] as const;
  const orders = [
    { id: '-end_time', text: t`Latest end first` },
    { id: 'date_time', text: t`Earliest begin first` },
    { id: '-date_time', text: t`Latest begin first` },
    { id: 'name', text: t`By name` },
  ] as const;
  const views = [
    { id: 'list', text: t`List` },
    { id: 'timeline', text: t`Timeline` },
  ] as const;
  const find = useCallback((q: string) => onChange({ q: q || undefined }), [onChange]);
  const days: Days | null = search.from && search.to ? { from: search.from, to: search.to } : null;
  return (
    <div className="flex flex-wrap items-center gap-3 pb-4">
      <SearchField label={t`Search by name`} value={search.q ?? ''} onChange={find} />
      <Choice label={t`View`} options={views} value={search.view ?? 'list'} onChange={(view) => onChange({ view: view === 'list' ? undefined : view })} />
      {search.view !== 'timeline' && (
        <>
          <Select
            label={t`State`}
            isLabelHidden
            options={states}
            value={search.state ?? 'all'}
            onChange={(state) => onChange({ state: state === 'all' ? undefined : state })}
            className="w-44 max-sm:w-auto max-sm:flex-1"
          />
          <Select
            label={t`Order`}
            isLabelHidden
            options={orders}
            value={orders.find(({ id }) => id === search.sort)?.id ?? '-end_time'}
            onChange={(sort) => onChange({ sort: sort === FIRST_ORDER ? undefined : sort })}
            className="w-48 max-sm:w-auto max-sm:flex-1"
          />
          <div className="flex items-center">
            <DaysPicker label={t`Days`} value={days} onChange={(chosen) => onChange({ from: chosen?.from, to: chosen?.to })} />
            {days && (
              <IconButton aria-label={t`All days`} onPress={() => onChange({ from: undefined, to: undefined })}>
                <X size={16} aria-hidden />
              </IconButton>
            )}
          </div>
        </>
      )}
    </div>
  );
}
