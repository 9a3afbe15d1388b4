// Somebody new: invited by a link that is handed to them, or with a first password.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Controller, useForm, type Control, type FieldPath } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import type { components } from '../../../api/schema.gen';
import { isolate } from '../../../lib/bidi';
import type { Role } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import { tell } from '../../../ui/Toast';
import { createPerson, keys, type NewPerson } from '../api';
import { HandOver } from './HandOver';
import { RoleField } from './RoleField';

type Invited = components['schemas']['InvitedUser'];

interface Values {
  name: string;
  email: string;
  role: Role;
  language: 'fa' | 'en';
  way: 'link' | 'password';
  password: string;
}

const FRESH: Values = { name: '', email: '', role: 'participant', language: 'fa', way: 'link', password: '' };

export function toBody({ name, email, role, language, way, password }: Values): NewPerson {
  return { name: name.trim(), email: email.trim(), role, language, ...(way === 'password' && { password }) };
}

export function NewUser({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const [invited, setInvited] = useState<Invited | null>(null);
  const made = (person: Invited) => {
    if (person.invitation) return setInvited(person);
    const name = isolate(person.name);
    tell(t`“${name}” has an account now.`);
    onClose();
  };
  return (
    <SidePanel title={t`Invite somebody`} isOpen onClose={onClose}>
      {invited?.invitation ? <Done name={invited.name} url={invited.invitation} onClose={onClose} /> : <PersonForm onMade={made} onClose={onClose} />}
    </SidePanel>
  );
}

function PersonForm({ onMade, onClose }: { onMade: (person: Invited) => void; onClose: () => void }) {
  const { t, i18n } = useLingui();
  const client = useQueryClient();
  const renew = () => void client.invalidateQueries({ queryKey: keys.all });
  const { mutate, error, isPending } = useMutation({ mutationFn: createPerson, onSuccess: renew });
  const { control, handleSubmit, watch } = useForm<Values>({ defaultValues: { ...FRESH, language: i18n.locale === 'en' ? 'en' : 'fa' } });
  const make = (values: Values) => mutate(toBody(values), { onSuccess: onMade });
  const ways = [
    { id: 'link', text: t`A link` },
    { id: 'password', text: t`A password` },
  ] as const;
  const languages = [
    { id: 'fa', text: 'فارسی' },
    { id: 'en', text: 'English' },
  ] as const;
  const byLink = watch('way') === 'link';
  const refused = useRefusal(error);
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit(make)(event)}>
      <Words control={control} name="name" label={t`Name`} missing={t`Say who it is.`} refused={refused('name')} autoFocus />
      <Words control={control} name="email" label={t`E-mail address`} missing={t`They sign in with it, so it is needed.`} refused={refused('email')} ltr />
      <Controller name="role" control={control} render={({ field: { ref: _, ...field } }) => <RoleField {...field} />} />
      <Controller name="language" control={control} render={({ field }) => <LabelledChoice {...field} label={t`Their language`} options={languages} />} />
      <Controller name="way" control={control} render={({ field }) => <LabelledChoice {...field} label={t`They come in by`} options={ways} />} />
      {byLink ? (
        <p className="text-sm text-ink-2">
          <Trans>You get a link to hand to them; with it they choose a password of their own.</Trans>
        </p>
      ) : (
        <Words control={control} name="password" label={t`First password`} missing={t`Set one, or choose the link.`} refused={refused('password')} type="password" />
      )}
      {error && <ErrorView error={error} effect={t`Nobody was invited.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          {byLink ? <Trans>Make the link</Trans> : <Trans>Make the account</Trans>}
        </Button>
      </Answers>
    </Form>
  );
}

interface WordsProps {
  control: Control<Values>;
  name: FieldPath<Values>;
  label: string;
  /** What to say when it is empty. */
  missing: string;
  refused: ReactNode;
  type?: 'password';
  ltr?: boolean;
  autoFocus?: boolean;
}

function Words({ control, name, label, missing, refused, type, ...props }: WordsProps) {
  return (
    <Controller
      name={name}
      control={control}
      rules={{ validate: (text) => Boolean(text.trim()) || missing }}
      render={({ field: { ref: _, ...field }, fieldState }) => (
        <TextField {...props} {...field} label={label} error={fieldState.error?.message ?? refused} autoComplete={type ? 'new-password' : 'off'} {...(type && { type })} />
      )}
    />
  );
}

function Done({ name, url, onClose }: { name: string; url: string; onClose: () => void }) {
  return (
    <div className="grid gap-3">
      <p>
        <Trans>
          Hand this link to <bdi className="font-semibold">{name}</bdi>. With it they choose a password and are in.
        </Trans>
      </p>
      <HandOver url={url} />
      <Answers>
        <Button weight="primary" onPress={onClose} autoFocus>
          <Trans>Done</Trans>
        </Button>
      </Answers>
    </div>
  );
}
