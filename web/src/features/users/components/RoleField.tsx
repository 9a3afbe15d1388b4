// The choice of a role, with what it allows.

import { useLingui } from '@lingui/react/macro';
import { ROLE_MEANINGS, ROLE_NAMES } from '../../../lib/roles';
import { ROLES, type Role } from '../../../lib/user';
import { Select } from '../../../ui/Select';

export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useLingui();
  const options = ROLES.map((id) => ({ id, text: t(ROLE_NAMES[id]) }));
  return (
    <div className="grid gap-1">
      <Select label={t`Role`} options={options} value={value} onChange={onChange} />
      <p className="text-sm text-ink-2">{t(ROLE_MEANINGS[value])}</p>
    </div>
  );
}
