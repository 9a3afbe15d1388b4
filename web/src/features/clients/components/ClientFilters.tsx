// Whom the list shows: by words, state, source and room. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import { useCallback } from 'react';
import { useFormats } from '../../../lib/reader';
import { Button } from '../../../ui/Button';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import { SearchField } from '../../../ui/SearchField';
import { Choice } from '../../../ui/Select';
import type { ClientState, Totals } from '../api';
import { SOURCE_NAMES, SOURCES, STATE_NAMES, STATES } from '../model';
import type { ClientsSearch } from '../search';
import { PlaceName } from './Names';

interface Props {
  search: ClientsSearch;
  totals: Totals;
  onChange: (search: Partial<ClientsSearch>) => void;
}

export function ClientFilters({ search: { q, state, source, room }, totals, onChange }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const find = useCallback((words: string) => onChange({ q: words || undefined }), [onChange]);
  const ALL = 'all';
  const states = [
    { id: ALL, text: `${t`All`} ${formats.number(totals.all)}` },
    ...STATE_NAMES.map((id) => ({ id, text: `${t(STATES[id].word)} ${formats.number(totals[id])}` })),
  ];
  const sources = SOURCE_NAMES.map((id) => ({ id, text: t(SOURCES[id]) }));
  return (
    <>
      <Choice<ClientState | typeof ALL>
        label={t`State`}
        options={states as { id: ClientState; text: string }[]}
        value={state ?? ALL}
        onChange={(chosen) => onChange({ state: chosen === ALL ? undefined : chosen })}
        className="mb-3 tabular"
      />
      <FilterBar>
        <SearchField label={t`Search by name`} value={q ?? ''} onChange={find} />
        <FilterSelect label={t`Source`} all={t`All sources`} options={sources} value={source} onChange={(source) => onChange({ source })} />
        {room && (
          <Button onPress={() => onChange({ room: undefined })}>
            <PlaceName place={room} />
            <X size={16} aria-label={t`All rooms`} />
          </Button>
        )}
      </FilterBar>
    </>
  );
}
