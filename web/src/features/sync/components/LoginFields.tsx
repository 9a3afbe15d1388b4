// How a source is let in: by the fields of its login, or by JSON of any shape. A secret is never shown; what stands in its
// place leaves it as it is.

import { Trans, useLingui } from '@lingui/react/macro';
import { Plus, X } from 'lucide-react';
import { Controller, useFieldArray, useFormContext } from 'react-hook-form';
import { isolateLtr } from '../../../lib/bidi';
import { Button, IconButton } from '../../../ui/Button';
import { Wrong } from '../../../ui/Field';
import { LabelledChoice } from '../../../ui/Select';
import { isSecret, MARK, objectOf, pairsOf, type Values } from '../form';
import { BoundJson, BoundText, useAround } from './Bound';

export function LoginFields({ isNew }: { isNew: boolean }) {
  const { watch } = useFormContext<Values>();
  const { refused } = useAround();
  const way = watch('login.way');
  return (
    <div className="grid gap-4">
      {way === 'fields' && <Fields isNew={isNew} />}
      {way === 'json' && <Json />}
      <Wrong>{refused('login')}</Wrong>
      <Way />
      {way !== 'none' && <Where />}
    </div>
  );
}

function Json() {
  const { t } = useLingui();
  return <BoundJson name="login.json" place="login.body" label={t`What is sent to sign in`} hint={<MarkHint />} />;
}

function MarkHint() {
  return (
    <Trans>
      <bdi className="font-mono">{MARK}</bdi> stands for a secret that is kept and not shown; leave it to keep the secret.
    </Trans>
  );
}

function Fields({ isNew }: { isNew: boolean }) {
  const { t } = useLingui();
  const { control } = useFormContext<Values>();
  const { fields, append, remove } = useFieldArray({ control, name: 'login.fields' });
  return (
    <>
      {fields.map(({ id, name, value }, place) => (
        <div key={id} className="flex items-start gap-2">
          <div className="grid flex-1 gap-4 sm:grid-cols-2">
            {isNew && <BoundText name={`login.fields.${place}.name`} label={t`Field`} />}
            <BoundText
              name={`login.fields.${place}.value`}
              place={`login.body.${name}`}
              label={isNew ? t`Value` : <FieldName name={name} />}
              isSecret={isSecret(name)}
              hint={value === MARK && t`It is kept and never shown. Leave it, or write another one.`}
            />
          </div>
          {isNew && (
            <span className="pt-7">
              <IconButton aria-label={t`Remove the field ${isolateLtr(name)}`} onPress={() => remove(place)}>
                <X size={16} aria-hidden />
              </IconButton>
            </span>
          )}
        </div>
      ))}
      {isNew && (
        <div>
          <Button size="small" onPress={() => append({ name: '', value: '' })}>
            <Plus size={14} aria-hidden />
            <Trans>Add a field</Trans>
          </Button>
        </div>
      )}
    </>
  );
}

function FieldName({ name }: { name: string }) {
  if (/^(user_?name|user|login)$/i.test(name)) return <Trans>User name</Trans>;
  if (/^(password|pass|pwd)$/i.test(name)) return <Trans>Password</Trans>;
  return <bdi className="font-mono">{name}</bdi>;
}

/** What was written one way is taken over into the other, where it fits. */
function Way() {
  const { t } = useLingui();
  const { control, getValues, setValue } = useFormContext<Values>();
  const options = [
    { id: 'fields', text: t`By fields` },
    { id: 'json', text: t`By JSON` },
    { id: 'none', text: t`Without a login` },
  ] as const;
  const carry = (from: Values['login']['way'], to: Values['login']['way']) => {
    const { fields, json } = getValues('login');
    if (from === 'fields' && to === 'json') setValue('login.json', JSON.stringify(objectOf(fields), null, 2));
    if (from === 'json' && to === 'fields') setValue('login.fields', pairsOf(read(json)) ?? fields);
  };
  return (
    <Controller
      name="login.way"
      control={control}
      render={({ field: { value, onChange } }) => (
        <LabelledChoice
          label={t`It signs in`}
          options={options}
          value={value}
          onChange={(to) => {
            carry(value, to);
            onChange(to);
          }}
        />
      )}
    />
  );
}

function read(json: string) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function Where() {
  const { t } = useLingui();
  return (
    <>
      <BoundText name="login.url" label={t`Address of the login`} />
      <div className="grid gap-4 sm:grid-cols-2">
        <BoundText name="login.token" label={t`Where the token stands in the answer`} />
        <BoundText name="login.header" label={t`Header that carries it`} />
      </div>
      <BoundText name="login.headers" rows={2} label={t`More headers of the login`} hint={<LinesHint />} />
    </>
  );
}

export function LinesHint() {
  return (
    <Trans>
      A line each: <bdi className="font-mono">Accept-Language: fa</bdi>. May be empty.
    </Trans>
  );
}
