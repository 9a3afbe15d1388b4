// A new token: what it is for, what it may do, until when; then its secret, this once.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { useUser } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { curl } from '../../../ui/Calls';
import { Checkboxes } from '../../../ui/Checkboxes';
import { MomentPicker } from '../../../ui/dates';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField, Wrong } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import { ShownOnce } from '../../../ui/ShownOnce';
import { useCreateToken } from '../hooks';
import { SCOPES, SCOPES_OF, toBody, type Values } from '../model';

const WEEK_MS = 7 * 86_400_000;

export function NewToken({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <SidePanel title={t`New token`} isOpen onClose={onClose}>
      {secret ? <Secret secret={secret} onClose={onClose} /> : <TokenForm onMade={setSecret} onClose={onClose} />}
    </SidePanel>
  );
}

function TokenForm({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const { t } = useLingui();
  const { role } = useUser();
  const { mutate, error, isPending } = useCreateToken();
  const until = new Date(Date.now() + WEEK_MS).toISOString();
  const { control, handleSubmit, watch } = useForm<Values>({ defaultValues: { name: '', scopes: ['read'], lasts: '90d', until } });
  const make = (values: Values) => mutate(toBody(values, Date.now()), { onSuccess: ({ secret }) => onMade(secret) });
  const refused = useRefusal(error);
  const scopes = SCOPES_OF[role].map((id) => ({ id, text: t(SCOPES[id].word), hint: t(SCOPES[id].meaning) }));
  const spans = [
    { id: '30d', text: plural(30, { one: '# day', other: '# days' }) },
    { id: '90d', text: plural(90, { one: '# day', other: '# days' }) },
    { id: '365d', text: plural(1, { one: '# year', other: '# years' }) },
    { id: 'day', text: t`Until a day` },
    { id: 'never', text: t`For ever` },
  ] as const;
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit(make)(event)}>
      <Controller
        name="name"
        control={control}
        rules={{ validate: (name) => Boolean(name.trim()) || t`Say what it is for.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <TextField {...field} autoFocus label={t`What it is for`} maxLength={100} autoComplete="off" error={fieldState.error?.message ?? refused('name')} />
        )}
      />
      <Controller
        name="scopes"
        control={control}
        rules={{ validate: (chosen) => chosen.length > 0 || t`Choose at least one right.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <div>
            <Checkboxes {...field} label={t`What it may do`} options={scopes} />
            <Wrong>{fieldState.error?.message}</Wrong>
          </div>
        )}
      />
      <Controller name="lasts" control={control} render={({ field }) => <LabelledChoice {...field} label={t`It lasts`} options={spans} />} />
      {watch('lasts') === 'day' && (
        <Controller
          name="until"
          control={control}
          rules={{ validate: (until) => Date.parse(until) > Date.now() || t`This moment has passed.` }}
          render={({ field: { ref: _, ...field }, fieldState }) => (
            <div>
              <MomentPicker {...field} label={t`Day and time`} />
              <Wrong>{fieldState.error?.message}</Wrong>
            </div>
          )}
        />
      )}
      {error && <ErrorView error={error} effect={t`The token was not made.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          <Trans>Make</Trans>
        </Button>
      </Answers>
    </Form>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <div className="grid gap-3">
      <p>
        <Trans>This is the token. Keep it now: nobody can look it up later.</Trans>
      </p>
      <ShownOnce text={secret} />
      <p className="text-ink-2">
        <Trans>
          Programs send it along with each call. With it in <bdi className="font-mono">DABIR_TOKEN</bdi>:
        </Trans>
      </p>
      <pre dir="ltr" tabIndex={0} className="rounded-md bg-sunken p-3 font-mono text-sm whitespace-pre-wrap break-all">
        {curl({ path: '/api/v1/auth/me' })}
      </pre>
      <Answers>
        <Button weight="primary" onPress={onClose}>
          <Trans>I have kept it</Trans>
        </Button>
      </Answers>
    </div>
  );
}
