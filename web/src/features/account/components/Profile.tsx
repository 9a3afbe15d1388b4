// One's name, as others see it, and what one signs in with.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { ROLE_MEANINGS, ROLE_NAMES } from '../../../lib/roles';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { useRefusal } from '../../../ui/refusal';
import { Mono, Time } from '../../../ui/Text';
import { tell } from '../../../ui/Toast';
import { changeMe, keys, type Person } from '../api';

export function Profile({ person }: { person: Person }) {
  const { t } = useLingui();
  return (
    <Panel title={t`Who you are`}>
      <div className="grid gap-4">
        <NameForm key={person.name} person={person} />
        <Facts>
          <Fact name={t`E-mail`}>
            <Mono>{person.email}</Mono>
          </Fact>
          <Fact name={t`Role`}>
            {t(ROLE_NAMES[person.role])}
            <span className="block text-sm text-ink-2">{t(ROLE_MEANINGS[person.role])}</span>
          </Fact>
          <Fact name={t`Account since`}>
            <Time at={person.created_at} />
          </Fact>
        </Facts>
      </div>
    </Panel>
  );
}

function NameForm({ person }: { person: Person }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [name, setName] = useState(person.name);
  const changed = () => {
    tell(t`Your name is changed.`);
    return client.invalidateQueries({ queryKey: keys.me });
  };
  const { mutate, error, isPending } = useMutation({ mutationFn: () => changeMe({ name: name.trim() }), onSuccess: changed });
  const refused = useRefusal(error)('name');
  return (
    <Form className="grid gap-3" validationBehavior="aria" onSubmit={(event) => (event.preventDefault(), mutate())}>
      <div className="flex flex-wrap items-end gap-2">
        <TextField label={t`Name`} value={name} onChange={setName} maxLength={100} autoComplete="name" error={refused} className="min-w-56 flex-1" />
        <Button type="submit" isPending={isPending} isDisabled={!name.trim() || name.trim() === person.name}>
          <Trans>Save</Trans>
        </Button>
      </div>
      {error && !refused && <ErrorView error={error} effect={t`Your name stays as it was.`} />}
    </Form>
  );
}
