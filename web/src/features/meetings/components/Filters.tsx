// What the list shows: by state, name and days. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { Input } from 'react-aria-components/Input';
import { SearchField } from 'react-aria-components/SearchField';
import { IconButton } from '../../../ui/Button';
import { DaysPicker } from '../../../ui/dates';
import type { Days } from '../../../ui/dates/DatePicker';
import { INPUT } from '../../../ui/Field';
import { Choice, Select } from '../../../ui/Select';
import { STATE_NAMES, STATES } from '../model';
import type { MeetingsSearch } from '../search';

interface Props {
  search: MeetingsSearch;
  onChange: (search: Partial<MeetingsSearch>) => void;
}

export function Filters({ search, onChange }: Props) {
  const { t } = useLingui();
  const states = [{ id: 'all', text: t`All states` }, ...STATE_NAMES.map((id) => ({ id, text: t(STATES[id].word) }))] as const;
  const views = [
    { id: 'list', text: t`List` },
    { id: 'timeline', text: t`Timeline` },
  ] as const;
  const days: Days | null = search.from && search.to ? { from: search.from, to: search.to } : null;
  return (
    <div className="flex flex-wrap items-center gap-3 pb-4">
      <NameSearch value={search.q ?? ''} onChange={(q) => onChange({ q: q || undefined })} />
      <Choice label={t`View`} options={views} value={search.view ?? 'list'} onChange={(view) => onChange({ view: view === 'list' ? undefined : view })} />
      {search.view !== 'timeline' && (
        <>
          <Select
            label={t`State`}
            isLabelHidden
            options={states}
            value={search.state ?? 'all'}
            onChange={(state) => onChange({ state: state === 'all' ? undefined : state })}
            className="w-44"
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

const TYPING_MS = 200;

function NameSearch({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <SearchField aria-label={t`Search by name`} value={text} onChange={setText} className="relative w-full sm:w-60">
      <Search size={16} aria-hidden className="pointer-events-none absolute inset-y-0 start-3 my-auto text-ink-3" />
      <Input dir="auto" placeholder={t`Search by name`} className={`${INPUT} ps-9 pe-9 [&::-webkit-search-cancel-button]:hidden`} />
      {text && (
        <Button className="absolute inset-y-0 end-1 my-auto grid size-8 place-items-center rounded-sm text-ink-2 cursor-pointer hover:bg-sunken">
          <X size={16} aria-hidden />
        </Button>
      )}
    </SearchField>
  );
}
