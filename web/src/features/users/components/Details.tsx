// Somebody's name and address, to be put right.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { useRefusal } from '../../../ui/refusal';
import { changePerson, type Person } from '../api';
import { usePersonActions } from '../hooks';

export function Details({ person }: { person: Person }) {
  const { t } = useLingui();
  const { show } = usePersonActions();
  const [name, setName] = useState(person.name);
  const [email, setEmail] = useState(person.email);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => changePerson(person.id, { name: name.trim(), email: email.trim() }),
    onSuccess: (changed) => void show(changed),
  });
  const refused = useRefusal(error);
  const isSame = name.trim() === person.name && email.trim() === person.email;
  return (
    <Form className="grid gap-3" validationBehavior="aria" onSubmit={(event) => (event.preventDefault(), mutate())}>
      <TextField label={t`Name`} value={name} onChange={setName} maxLength={100} autoComplete="off" error={refused('name')} />
      <TextField label={t`E-mail address`} ltr value={email} onChange={setEmail} autoComplete="off" error={refused('email')} />
      {error && <ErrorView error={error} effect={t`Nothing was changed.`} />}
      <div>
        <Button type="submit" isPending={isPending} isDisabled={isSame}>
          <Trans>Save</Trans>
        </Button>
      </div>
    </Form>
  );
}
