// Whom the list shows: by name or address, role and state. It all stands in the address.

import { useLingui } from '@lingui/react/macro';
import { useCallback } from 'react';
import { ROLE_NAMES } from '../../../lib/roles';
import { ROLES } from '../../../lib/user';
import { SearchField } from '../../../ui/SearchField';
import { Select } from '../../../ui/Select';
import { STATE_NAMES, STATES } from '../model';
import type { UsersSearch } from '../search';

interface Props {
  search: UsersSearch;
  onChange: (search: Partial<UsersSearch>) => void;
}

export function UserFilters({ search, onChange }: Props) {
  const { t } = useLingui();
  const find = useCallback((q: string) => onChange({ q: q || undefined }), [onChange]);
  const roles = [{ id: 'all', text: t`All roles` }, ...ROLES.map((id) => ({ id, text: t(ROLE_NAMES[id]) }))] as const;
  const states = [{ id: 'all', text: t`All states` }, ...STATE_NAMES.map((id) => ({ id, text: t(STATES[id].word) }))] as const;
  return (
    <div className="flex flex-wrap items-center gap-3 pb-4">
      <SearchField label={t`Search by name or e-mail`} value={search.q ?? ''} onChange={find} />
      <Select
        label={t`Role`}
        isLabelHidden
        options={roles}
        value={search.role ?? 'all'}
        onChange={(role) => onChange({ role: role === 'all' ? undefined : role })}
        className="w-40 max-sm:w-auto max-sm:flex-1"
      />
      <Select
        label={t`State`}
        isLabelHidden
        options={states}
        value={search.state ?? 'all'}
        onChange={(state) => onChange({ state: state === 'all' ? undefined : state })}
        className="w-40 max-sm:w-auto max-sm:flex-1"
      />
    </div>
  );
}
