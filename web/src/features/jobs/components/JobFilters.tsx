// Which jobs the list shows: by words, state, kind and queue. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { useCallback } from 'react';
import { isolateLtr } from '../../../lib/bidi';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import { SearchField } from '../../../ui/SearchField';
import { KINDS, STATE_NAMES, STATES } from '../model';
import type { JobsSearch } from '../search';

interface Props {
  search: JobsSearch;
  queues: readonly string[];
  /** The kinds of the jobs that are known here. */
  kinds: readonly string[];
  onChange: (search: Partial<JobsSearch>) => void;
}

export function JobFilters({ search, queues, kinds, onChange }: Props) {
  const { t } = useLingui();
  const find = useCallback((q: string) => onChange({ q: q || undefined }), [onChange]);
  const states = STATE_NAMES.map((id) => ({ id, text: t(STATES[id].word) }));
  const kindName = (kind: string) => (KINDS[kind] ? t(KINDS[kind]) : isolateLtr(kind));
  return (
    <FilterBar>
      <SearchField label={t`Search arguments and errors`} value={search.q ?? ''} onChange={find} />
      <FilterSelect label={t`State`} all={t`All states`} options={states} value={search.state} onChange={(state) => onChange({ state })} />
      <FilterSelect label={t`Kind`} all={t`All kinds`} options={named([...Object.keys(KINDS), ...kinds], search.kind, kindName)} value={search.kind} onChange={(kind) => onChange({ kind })} />
      <FilterSelect label={t`Queue`} all={t`All queues`} options={named(queues, search.queue, isolateLtr)} value={search.queue} onChange={(queue) => onChange({ queue })} />
    </FilterBar>
  );
}

/** Each once; an address may name what is not known here. */
function named(known: readonly string[], chosen: string | undefined, text: (id: string) => string) {
  const ids = new Set([...known, ...(chosen ? [chosen] : [])]);
  return [...ids].sort().map((id) => ({ id, text: text(id) }));
}
