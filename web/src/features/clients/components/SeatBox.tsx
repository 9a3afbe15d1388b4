// Giving a client a seat in a room or a pipeline, or a place in the line for one.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import { tell } from '../../../ui/Toast';
import { assign, unassign, type Client, type Seat } from '../api';
import { useRenew } from '../hooks';

interface Props {
  /** For whom, where it is known. */
  username?: string;
  /** Where, when it is known. */
  target?: { kind: Seat; name: string };
  onClose: () => void;
}

interface Values {
  username: string;
  kind: Seat;
  name: string;
  wait: 'yes' | 'no';
}

export function SeatBox({ username = '', target, onClose }: Props) {
  const { t } = useLingui();
  const { control, handleSubmit } = useForm<Values>({ defaultValues: { username, kind: 'room', name: '', wait: 'yes', ...target } });
  const { mutate, error, isPending } = useAssign(onClose);
  const refused = useRefusal(error);
  const kinds = [
    { id: 'room', text: t`Room` },
    { id: 'pipeline', text: t`Pipeline` },
  ] as const;
  const waits = [
    { id: 'yes', text: t`They wait for a seat` },
    { id: 'no', text: t`They get none` },
  ] as const;
  const needed = (text: string) => Boolean(text.trim()) || t`Write a name.`;
  return (
    <Box title={t`Give a seat`} isOpen onClose={onClose}>
      <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate(values))(event)}>
        {!username && (
          <Controller
            name="username"
            control={control}
            rules={{ validate: needed }}
            render={({ field: { ref: _, ...field }, fieldState }) => <TextField {...field} autoFocus label={t`Username of the client`} error={fieldState.error?.message ?? refused('username')} />}
          />
        )}
        {!target && <Controller name="kind" control={control} render={({ field }) => <LabelledChoice {...field} label={t`Where`} options={kinds} />} />}
        {!target && (
          <Controller
            name="name"
            control={control}
            rules={{ validate: needed }}
            render={({ field: { ref: _, ...field }, fieldState }) => <TextField {...field} autoFocus={Boolean(username)} label={t`Name`} error={fieldState.error?.message ?? refused('target')} />}
          />
        )}
        <Controller name="wait" control={control} render={({ field }) => <LabelledChoice {...field} label={t`When it is full`} options={waits} />} />
        {error && <ErrorView error={error} effect={t`No seat was given.`} />}
        <Answers>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" weight="primary" isPending={isPending}>
            <Trans>Give it</Trans>
          </Button>
        </Answers>
      </Form>
    </Box>
  );
}

function useAssign(onDone: () => void) {
  const { t } = useLingui();
  const renew = useRenew();
  return useMutation({
    mutationFn: ({ username, kind, name, wait }: Values) => assign({ username: username.trim(), kind, name: name.trim(), wait: wait === 'yes' }),
    onSuccess: (client: Client, { kind, name }) => {
      const [called, place] = [isolate(client.name), isolate(name.trim())];
      const sits = client[kind] === name.trim();
      onDone();
      tell(sits ? t`“${called}” has a seat in ${place}.` : t`“${called}” waits for a seat in ${place}.`, () => void unassign({ username: client.username, kind, version: client.version }).then(renew, renew));
      return renew();
    },
  });
}
