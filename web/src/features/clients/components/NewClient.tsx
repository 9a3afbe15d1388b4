// Adding a client by hand.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { report } from '../../../ui/Toast';
import { addClient } from '../api';
import { useRenew } from '../hooks';

interface Values {
  username: string;
  name: string;
}

export function toNew({ username, name }: Values): { username: string; name?: string } {
  return { username: username.trim(), ...(name.trim() && { name: name.trim() }) };
}

export function NewClient({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`Add a client`} isOpen onClose={onClose}>
      <NewForm onClose={onClose} />
    </SidePanel>
  );
}

function NewForm({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const { control, handleSubmit } = useForm<Values>({ defaultValues: { username: '', name: '' } });
  const { mutate, error, isPending } = useAdd(onClose);
  const refused = useRefusal(error);
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate(toNew(values)))(event)}>
      <Controller
        name="username"
        control={control}
        rules={{ validate: (text) => Boolean(text.trim()) || t`Write the name that rooms and programs know them by.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <TextField
            {...field}
            autoFocus
            label={t`Username`}
            hint={t`The name that rooms and programs know them by; nobody else has it.`}
            maxLength={128}
            error={fieldState.error?.message ?? refused('username')}
          />
        )}
      />
      <Controller
        name="name"
        control={control}
        render={({ field: { ref: _, ...field } }) => (
          <TextField {...field} label={t`Name`} hint={t`What people call them; empty: the username.`} maxLength={200} error={refused('name')} />
        )}
      />
      {error && <ErrorView error={error} effect={t`Nobody was added.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          <Trans>Add</Trans>
        </Button>
      </Answers>
    </Form>
  );
}

function useAdd(onDone: () => void) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const renew = useRenew();
  return useMutation({
    mutationFn: addClient,
    onSuccess: ({ username, name: called }) => {
      const name = isolate(called);
      onDone();
      report('live', t`“${name}” is on the list.`, () => void navigate({ to: '/clients/$username', params: { username } }));
      return renew();
    },
  });
}
