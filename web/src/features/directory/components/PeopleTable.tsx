// People as rows: name, number, partition, and whether they are gone.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Status } from '../../../ui/Status';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Directory, Person } from '../api';
import { brief, nameOf } from '../model';

const GRID = 'md:grid-cols-[minmax(0,1.4fr)_10rem_minmax(0,1fr)_9rem_9rem]';

interface Props {
  directory: Directory;
  people: readonly Person[];
  onEnd: () => void;
}

export function PeopleTable({ directory, people, onEnd }: Props) {
  const { t } = useLingui();
  const columns: Column<Person>[] = [
    { id: 'name', name: t`Name`, cell: (person) => <Name directory={directory} person={person} /> },
    { id: 'key', name: t`Number`, cell: ({ key }) => <Mono className="wrap-anywhere">{key}</Mono>, className: 'max-md:justify-self-end' },
    { id: 'partition', name: t`Partition`, cell: ({ partition }) => (partition ? <Mono>{partition}</Mono> : '—'), className: 'text-ink-2 max-md:hidden' },
    { id: 'changed', name: t`Changed`, cell: ({ updated_at }) => <Time at={updated_at} />, className: 'text-ink-2 tabular max-md:order-1' },
    { id: 'gone', name: t`At the source`, cell: (person) => <Presence person={person} />, className: 'max-md:order-1 max-md:justify-self-end' },
  ];
  return <Table label={t`Directory`} rows={people} rowKey={({ key }) => key} columns={columns} grid={GRID} onEnd={onEnd} />;
}

function Name({ directory, person }: { directory: Directory; person: Person }) {
  const name = nameOf(person);
  return (
    <>
      <Link to="/directory/$directory/$key" params={{ directory, key: person.key }} className="block max-w-full truncate font-semibold hover:text-lajvard after:absolute after:inset-0">
        {name ? <bdi>{name}</bdi> : <Mono>{person.key}</Mono>}
      </Link>
      <span className="block truncate text-sm text-ink-3">
        {brief(person).map((text, place) => (
          // The same text may stand in several fields.
          <span key={place}>
            {place > 0 && ' · '}
            <bdi>{text}</bdi>
          </span>
        ))}
      </span>
    </>
  );
}

export function Presence({ person: { gone_at } }: { person: Person }) {
  return gone_at ? (
    <Status tone="warn">
      <Trans>Gone</Trans>
    </Status>
  ) : (
    <Status tone="live">
      <Trans>There</Trans>
    </Status>
  );
}
