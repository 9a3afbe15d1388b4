// People as rows: who, what they may, how their account is, when they last came.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { ROLE_NAMES } from '../../../lib/roles';
import { useIsAdmin } from '../../../lib/user';
import { cx } from '../../../ui/cx';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Person } from '../api';
import { StateMark } from './StateMark';

const GRID = 'md:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_8rem_7.5rem_10rem]';

export function UserTable({ people, onEnd }: { people: readonly Person[]; onEnd: () => void }) {
  const { t } = useLingui();
  const columns: Column<Person>[] = [
    { id: 'name', name: t`Name`, cell: (person) => <Name person={person} /> },
    { id: 'email', name: t`E-mail`, cell: ({ email }) => <Mono className="inline-block max-w-full truncate align-bottom">{email}</Mono>, className: 'text-ink-2 max-md:order-2 max-md:col-span-2' },
    { id: 'role', name: t`Role`, cell: ({ role }) => t(ROLE_NAMES[role]), className: 'max-md:order-1' },
    { id: 'state', name: t`State`, cell: (person) => <StateMark person={person} />, className: 'max-md:justify-self-end' },
    { id: 'seen', name: t`Last sign-in`, cell: (person) => <SignedIn person={person} />, className: 'text-ink-2 tabular max-md:order-1 max-md:justify-self-end' },
  ];
  return <Table label={t`Users`} rows={people} rowKey={({ id }) => id} columns={columns} grid={GRID} onEnd={onEnd} />;
}

const NAME = 'inline-block max-w-full truncate align-bottom font-semibold';

function Name({ person: { id, name } }: { person: Person }) {
  if (!useIsAdmin()) return <bdi className={NAME}>{name}</bdi>;
  return (
    <Link
      from="/users"
      to="/users"
      search={(old) => ({ ...old, user: id })}
      dir="auto"
      className={cx(NAME, 'hover:text-lajvard after:absolute after:inset-0')}
    >
      {name}
    </Link>
  );
}

export function SignedIn({ person: { signed_in_at } }: { person: Person }) {
  return signed_in_at ? <Time at={signed_in_at} /> : <Trans>never</Trans>;
}
