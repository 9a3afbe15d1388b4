// Whom the list shows: by name or address, role and state. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { useCallback } from 'react';
import { ROLE_NAMES } from '../../../lib/roles';
import { ROLES } from '../../../lib/user';
import { FilterBar, FilterSelect } from '../../../ui/Filters';
import { SearchField } from '../../../ui/SearchField';
import { STATE_NAMES, STATES } from '../model';
import type { UsersSearch } from '../search';

interface Props {
  search: UsersSearch;
  onChange: (search: Partial<UsersSearch>) => void;
}

export function UserFilters({ search, onChange }: Props) {
  const { t } = useLingui();
  const find = useCallback((q: string) => onChange({ q: q || undefined }), [onChange]);
  const roles = ROLES.map((id) => ({ id, text: t(ROLE_NAMES[id]) }));
  const states = STATE_NAMES.map((id) => ({ id, text: t(STATES[id].word) }));
  return (
    <FilterBar>
      <SearchField label={t`Search by name or e-mail`} value={search.q ?? ''} onChange={find} />
      <FilterSelect label={t`Role`} all={t`All roles`} options={roles} value={search.role} onChange={(role) => onChange({ role })} />
      <FilterSelect label={t`State`} all={t`All states`} options={states} value={search.state} onChange={(state) => onChange({ state })} />
    </FilterBar>
  );
}
