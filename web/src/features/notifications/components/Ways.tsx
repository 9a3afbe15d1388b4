// The ways to somebody outside the console: when mail goes out, where text messages go, and what this house does not have.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { isolateLtr } from '../../../lib/bidi';
import { isZone } from '../../../lib/preferences';
import { useFormats, usePreferences } from '../../../lib/reader';
import { useIsAdmin } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Panel } from '../../../ui/Panel';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice, Select } from '../../../ui/Select';
import { Code } from '../../../ui/Text';
import { tell } from '../../../ui/Toast';
import { me } from '../../account/api';
import { testMail, type Choices } from '../api';
import type { Save } from '../hooks';
import { DIGEST_NAMES, DIGESTS } from '../model';

interface Props {
  choices: Choices;
  error: unknown;
  onSave: Save;
}

export function Ways(props: Props) {
  const { t } = useLingui();
  const { offered } = props.choices;
  return (
    <>
      <Panel title={t`E-mail`}>{offered.mail ? <Mail {...props} /> : <NoMail />}</Panel>
      <Panel title={t`Text messages`}>{offered.sms ? <Phone {...props} /> : <NoSms />}</Panel>
    </>
  );
}

function NoMail() {
  const isAdmin = useIsAdmin();
  return (
    <p className="text-ink-2">
      <Trans>This server sends no mail: nobody has set it up.</Trans>{' '}
      {isAdmin ? (
        <Trans>
          Write the address of a mail server into <Code>[mail] url</Code> and who it is from into <Code>from</Code> in <Code>dabir.toml</Code>, and restart.
        </Trans>
      ) : (
        <Trans>Ask an administrator for it.</Trans>
      )}
    </p>
  );
}

function NoSms() {
  const isAdmin = useIsAdmin();
  return (
    <p className="text-ink-2">
      <Trans>This server sends no text messages: nobody has set it up.</Trans>{' '}
      {isAdmin ? (
        <Trans>
          Write the address of a gateway into <Code>[sms] url</Code> in <Code>dabir.toml</Code>, and restart.
        </Trans>
      ) : (
        <Trans>Ask an administrator for it.</Trans>
      )}
    </p>
  );
}

function Mail(props: Props) {
  const { t } = useLingui();
  const { choices, onSave } = props;
  const isAdmin = useIsAdmin();
  const options = DIGEST_NAMES.map((id) => ({ id, text: t(DIGESTS[id]) }));
  return (
    <div className="grid gap-4">
      <LabelledChoice
        label={t`When mail comes`}
        options={options}
        value={choices.digest}
        onChange={(digest) => onSave({ ...choices, digest }, choices)}
        hint={choices.digest === 'none' ? undefined : t`What happens until then comes in one mail.`}
      />
      {choices.digest === 'daily' && <Hour {...props} />}
      {isAdmin && <TestMail />}
    </div>
  );
}

/** The hours of a day, as the clock shows them. */
function Hour({ choices, error, onSave }: Props) {
  const { t } = useLingui();
  const formats = useFormats().wall();
  const hours = Array.from({ length: 24 }, (_, hour) => ({ id: String(hour), text: formats.clock(Date.UTC(2026, 0, 1, hour)) }));
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] items-start gap-3">
      <Select label={t`Hour`} options={hours} value={String(choices.digest_hour)} onChange={(hour) => onSave({ ...choices, digest_hour: Number(hour) }, choices)} />
      <Zone key={choices.timezone} choices={choices} error={error} onSave={onSave} />
    </div>
  );
}

function Zone({ choices, error, onSave }: Props) {
  const { t } = useLingui();
  const refused = useRefusal(error);
  const [zone, setZone] = useState(choices.timezone);
  const isGood = isZone(zone);
  const leave = () => isGood && zone !== choices.timezone && onSave({ ...choices, timezone: zone }, choices);
  return (
    <TextField ltr label={t`Time zone`} value={zone} onChange={setZone} onBlur={leave} error={isGood ? refused('timezone') : t`There is no such zone.`} hint={t`Its name, such as Asia/Tehran or Europe/Berlin.`} />
  );
}

function TestMail() {
  const { t } = useLingui();
  const { lang } = usePreferences().preferences;
  const email = useQuery(me()).data?.user?.email;
  const to = email && isolateLtr(email);
  const { mutate, error, isPending } = useMutation({ mutationFn: (to: string) => testMail(to, lang), onSuccess: () => tell(t`The mail server took the mail for ${to}.`) });
  return (
    <div className="grid justify-items-start gap-2 border-t border-line pt-3">
      <Button size="small" isDisabled={!email} isPending={isPending} onPress={() => email && mutate(email)}>
        <Trans>Send me a mail to try it</Trans>
      </Button>
      {error && <ErrorView error={error} effect={t`The mail was not taken.`} />}
    </div>
  );
}

function Phone({ choices, error, onSave }: Props) {
  const { t } = useLingui();
  const refused = useRefusal(error);
  const known = choices.phone ?? '';
  const [phone, setPhone] = useState(known);
  const leave = () => phone.trim() !== known && onSave({ ...choices, phone: phone.trim() || null }, choices);
  return (
    <Form validationBehavior="aria" onSubmit={(event) => (event.preventDefault(), leave())}>
      <TextField
        ltr
        type="tel"
        autoComplete="tel"
        label={t`Your number`}
        value={phone}
        onChange={setPhone}
        onBlur={leave}
        error={refused('phone')}
        hint={t`With the code of the country, such as +98 912 123 4567. Five messages an hour come at most.`}
      />
    </Form>
  );
}
