// Where a webhook leads, what it is for and what it asks for.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import type { NewWebhook } from '../api';
import { useRenew } from '../hooks';
import { refusedAt } from '../model';
import { EventPicker } from './EventPicker';

type Values = Required<NewWebhook>;

interface Props<T> {
  values: Values;
  /** The word on the button. */
  deed: string;
  /** What it means when it was refused. */
  effect: string;
  save: (values: Values) => Promise<T>;
  onSaved: (answer: T) => void;
  onClose: () => void;
}

export function WebhookForm<T>({ values, deed, effect, save, onSaved, onClose }: Props<T>) {
  const { t } = useLingui();
  const renew = useRenew();
  const { mutate, error, isPending } = useMutation({ mutationFn: save, onSuccess: (answer) => (void renew(), onSaved(answer)) });
  const { control, handleSubmit } = useForm<Values>({ defaultValues: values });
  const said = useRefusal(error);
  const refused = (field: keyof Values) => {
    const words = refusedAt(error, field);
    return words ? t(words) : said(field);
  };
  const eventsRefused = refusedAt(error, 'events');
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate({ ...values, url: values.url.trim(), description: values.description.trim() }))(event)}>
      <Controller
        name="url"
        control={control}
        rules={{ validate: (url) => Boolean(url.trim()) || t`Write the address.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <TextField
            {...field}
            ltr
            autoFocus
            type="url"
            inputMode="url"
            label={t`Address`}
            placeholder="https://hooks.example/dabir"
            hint={t`Dabir sends there with POST whenever something happens. Addresses inside the network have to stand in the server's configuration.`}
            maxLength={2_000}
            autoComplete="off"
            error={fieldState.error?.message ?? refused('url')}
          />
        )}
      />
      <Controller
        name="description"
        control={control}
        render={({ field: { ref: _, ...field } }) => <TextField {...field} label={t`What it is for`} maxLength={500} autoComplete="off" error={refused('description')} />}
      />
      <Controller
        name="events"
        control={control}
        rules={{ validate: (events) => events.length > 0 || t`Choose at least one event.` }}
        render={({ field: { value, onChange }, fieldState }) => <EventPicker value={value} onChange={onChange} error={fieldState.error?.message ?? (eventsRefused && t(eventsRefused))} />}
      />
      {error && <ErrorView error={error} effect={effect} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          {deed}
        </Button>
      </Answers>
    </Form>
  );
}
