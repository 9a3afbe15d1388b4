// What the list shows: by state, name and days. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { useCallback } from 'react';
import { useFormats } from '../../../lib/reader';
import { DaysFilter, FilterBar, FilterSelect } from '../../../ui/Filters';
import { SearchField } from '../../../ui/SearchField';
import { Choice } from '../../../ui/Select';
import { STATE_NAMES, STATES, type Totals } from '../model';
import type { MeetingsSearch } from '../search';

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
  const states = STATE_NAMES.map((id) => ({ id, text: word(id) }));
  const orders = [
    { id: 'date_time', text: t`Earliest begin first` },
    { id: '-date_time', text: t`Latest begin first` },
    { id: 'name', text: t`By name` },
  ] as const;
  const views = [
    { id: 'list', text: t`List` },
    { id: 'timeline', text: t`Timeline` },
  ] as const;
  const find = useCallback((q: string) => onChange({ q: q || undefined }), [onChange]);
  const order = orders.find(({ id }) => id === search.sort)?.id;
  return (
    <FilterBar>
      <SearchField label={t`Search by name`} value={search.q ?? ''} onChange={find} />
      <Choice label={t`View`} options={views} value={search.view ?? 'list'} onChange={(view) => onChange({ view: view === 'list' ? undefined : view })} />
      {search.view !== 'timeline' && (
        <>
          <FilterSelect label={t`State`} all={t`All states`} options={states} value={search.state} onChange={(state) => onChange({ state })} />
          <FilterSelect label={t`Order`} all={t`Latest end first`} options={orders} value={order} onChange={(sort) => onChange({ sort })} />
          <DaysFilter search={search} onChange={onChange} />
        </>
      )}
    </FilterBar>
  );
}
