// Finds somebody by a part of their name. Enter takes the first who is found.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import type { Person } from '../api';
import { usePeople } from '../hooks';

const SHOWN = 8;

interface Props {
  label: string;
  /** Those who are not to be found. */
  without?: readonly string[];
  onPick: (person: Person) => void;
}

export function PeoplePicker({ label, without = [], onPick }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState('');
  const { people, isSure } = usePeople(text.trim());
  const found = people.filter(({ id }) => !without.includes(id)).slice(0, SHOWN);
  const pick = (person: Person) => (setText(''), onPick(person));
  const [first] = found;
  return (
    <div className="grid gap-2">
      <TextField
        autoFocus
        label={label}
        value={text}
        onChange={setText}
        placeholder={t`A part of a name`}
        onKeyDown={(event) => event.key === 'Enter' && first && (event.preventDefault(), pick(first))}
      />
      <ul className="flex flex-wrap gap-1">
        {found.map((person) => (
          <li key={person.id}>
            <Button size="small" onPress={() => pick(person)}>
              <bdi>{person.name}</bdi>
            </Button>
          </li>
        ))}
      </ul>
      {isSure && text.trim() && found.length === 0 && (
        <p className="text-sm text-ink-2">
          <Trans>Nobody else is called so.</Trans>
        </p>
      )}
    </div>
  );
}
