// Which tasks are shown: by words, status, priority, person, label and date. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import { SearchField } from '../../../ui/SearchField';
import { listLabels } from '../api';
import { usePeople } from '../hooks';
import { PRIORITIES, PRIORITY_NAMES, STATUSES, STATUS_NAMES } from '../model';
import { DUES, SORTS, type TasksSearch } from '../search';

interface Props {
  search: TasksSearch;
  onChange: (search: Partial<TasksSearch>) => void;
}

export function TaskFilters({ search: { view, q, status, priority, assignee, label, due, sort }, onChange }: Props) {
  const { t } = useLingui();
  const find = useCallback((words: string) => onChange({ q: words || undefined }), [onChange]);
  const { people } = usePeople('');
  const { data: labels = [] } = useQuery(listLabels());
  const statuses = [{ id: 'open' as const, text: t`Not done` }, ...STATUS_NAMES.map((id) => ({ id, text: t(STATUSES[id].word) }))];
  const priorities = PRIORITY_NAMES.map((id) => ({ id, text: t(PRIORITIES[id]) }));
  const given = [{ id: 'me', text: t`To me` }, { id: 'none', text: t`To nobody` }, ...people.map(({ id, name }) => ({ id, text: name }))];
  const dues = { overdue: t`Overdue`, today: t`Due today`, week: t`Due in 7 days` };
  const sorts = { due: t`By due date`, priority: t`By priority`, updated: t`Changed last` };
  const withOwn = (all: { id: string; text: string }[], own: string | undefined) => (own && !all.some(({ id }) => id === own) ? [...all, { id: own, text: own }] : all);
  return (
    <FilterBar>
      <SearchField label={t`Search tasks`} value={q ?? ''} onChange={find} />
      {view !== 'board' && view !== 'mine' && <FilterSelect label={t`Status`} all={t`Every status`} options={statuses} value={status} onChange={(status) => onChange({ status })} />}
      {view !== 'mine' && <FilterSelect label={t`Assignee`} all={t`Given to anybody`} options={withOwn(given, assignee)} value={assignee} onChange={(assignee) => onChange({ assignee })} />}
      <FilterSelect label={t`Priority`} all={t`Every priority`} options={priorities} value={priority} onChange={(priority) => onChange({ priority })} />
      <FilterSelect label={t`Label`} all={t`Every label`} options={withOwn(labels.map(({ label }) => ({ id: label, text: label })), label)} value={label} onChange={(label) => onChange({ label })} />
      {view !== 'calendar' && view !== 'mine' && <FilterSelect label={t`Due`} all={t`Any date`} options={DUES.map((id) => ({ id, text: dues[id] }))} value={due} onChange={(due) => onChange({ due })} />}
      {!view && <FilterSelect label={t`Order`} all={t`The newest first`} options={SORTS.map((id) => ({ id, text: sorts[id] }))} value={sort} onChange={(sort) => onChange({ sort })} />}
    </FilterBar>
  );
}
