// Which files the list shows: by words, kind and state; all, one's own, or the deleted ones. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { useCallback } from 'react';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import { SearchField } from '../../../ui/SearchField';
import { Choice } from '../../../ui/Select';
import { KIND_NAMES, STATE_NAMES } from '../kinds';
import { KINDS, STATES } from '../model';
import type { FilesSearch } from '../search';

interface Props {
  search: FilesSearch;
  onChange: (search: Partial<FilesSearch>) => void;
}

export function FileFilters({ search: { q, kind, state, show }, onChange }: Props) {
  const { t } = useLingui();
  const find = useCallback((words: string) => onChange({ q: words || undefined }), [onChange]);
  const shown = [
    { id: 'all' as const, text: t`All` },
    { id: 'mine' as const, text: t`My files` },
    { id: 'deleted' as const, text: t`Deleted` },
  ];
  return (
    <FilterBar>
      <Choice label={t`Which files`} options={shown} value={show ?? 'all'} onChange={(chosen) => onChange({ show: chosen === 'all' ? undefined : chosen })} />
      <SearchField label={t`Search by name`} value={q ?? ''} onChange={find} />
      <FilterSelect label={t`Kind`} all={t`All kinds`} options={KIND_NAMES.map((id) => ({ id, text: t(KINDS[id].word) }))} value={kind} onChange={(kind) => onChange({ kind })} />
      <FilterSelect label={t`State`} all={t`All states`} options={STATE_NAMES.map((id) => ({ id, text: t(STATES[id].word) }))} value={state} onChange={(state) => onChange({ state })} />
    </FilterBar>
  );
}
