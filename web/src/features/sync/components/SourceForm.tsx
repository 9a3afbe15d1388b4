// All that a source is made of, in the order in which people need it: the login first.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Controller, FormProvider, useForm, useFormContext } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { isolateLtr } from '../../../lib/bidi';
import { readWhole } from '../../../lib/digits';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { NumberField } from '../../../ui/Field';
import { Answers } from '../../../ui/Overlay';
import { Panel } from '../../../ui/Panel';
import { LabelledChoice } from '../../../ui/Select';
import { toValues, type Values } from '../form';
import type { Source, Spec } from '../api';
import { useSourceRefusal } from '../refusal';
import { BoundJson, BoundNumber, BoundSpan, BoundText, FormAround, useAround } from './Bound';
import { LinesHint, LoginFields } from './LoginFields';
import { PartitionFields } from './PartitionFields';

interface Props {
  spec: Spec;
  isNew?: boolean;
  error: unknown;
  isPending: boolean;
  effect: string;
  /** Takes what was written, and gives back the source as it is then. */
  onSave: (values: Values, before: Values) => Promise<Source | null>;
  /** After what was saved is saved. */
  onTest?: () => void;
}

export function SourceForm({ spec, isNew = false, error, isPending, effect, onSave, onTest }: Props) {
  const form = useForm<Values>({ defaultValues: toValues(spec) });
  const refused = useSourceRefusal(error);
  const save = async (values: Values): Promise<boolean> => {
    const saved = await onSave(values, form.formState.defaultValues as Values);
    // A page that is about to be left has nothing to begin anew.
    if (saved && !isNew) form.reset(toValues(saved));
    return saved !== null;
  };
  const saveAndTest = async (values: Values) => {
    if (await save(values)) onTest?.();
  };
  return (
    <FormProvider {...form}>
      <FormAround value={{ control: form.control, refused }}>
        <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void form.handleSubmit(save)(event)}>
          {isNew && <Called />}
          <Login isNew={isNew} />
          <Partitions />
          <Request />
          <Answer />
          <Pace />
          <Incremental />
          {error !== null && <ErrorView error={error} effect={effect} />}
          <Answers>
            {onTest && (
              <Button isDisabled={isPending} onPress={() => void form.handleSubmit(saveAndTest)()}>
                <Trans>Save and test</Trans>
              </Button>
            )}
            <Button type="submit" weight="primary" isPending={isPending}>
              {isNew ? <Trans>Make</Trans> : <Trans>Save</Trans>}
            </Button>
          </Answers>
        </Form>
      </FormAround>
    </FormProvider>
  );
}

function Group({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <Panel title={title}>
      <div className="grid gap-4">
        {note && <p className="text-ink-2">{note}</p>}
        {children}
      </div>
    </Panel>
  );
}

const Two = ({ children }: { children: ReactNode }) => <div className="grid items-start gap-4 sm:grid-cols-2">{children}</div>;

function Called() {
  const { t } = useLingui();
  return (
    <Group title={t`Name`}>
      <BoundText name="name" label={t`Name of the source`} hint={t`Small letters, digits, - and _. It stays as it is.`} />
    </Group>
  );
}

function Login({ isNew }: { isNew: boolean }) {
  const { t } = useLingui();
  return (
    <Group title={t`Login`}>
      <LoginFields isNew={isNew} />
    </Group>
  );
}

function Partitions() {
  const { t } = useLingui();
  return (
    <Group title={t`Partitions`} note={t`Each combination of these values is asked for by itself, such as every campus in every term.`}>
      <PartitionFields />
    </Group>
  );
}

function Request() {
  const { t } = useLingui();
  const { control } = useFormContext<Values>();
  const methods = (['GET', 'POST'] as const).map((id) => ({ id, text: isolateLtr(id) }));
  return (
    <Group title={t`Request`}>
      <Controller name="method" control={control} render={({ field: { ref: _, ...field } }) => <LabelledChoice {...field} label={t`Method`} options={methods} />} />
      <BoundText name="url" place="request.url" label={t`Address`} />
      <BoundJson name="body" label={t`Body`} mayBeEmpty hint={<BodyHint />} />
      <BoundText name="headers" place="request.headers" rows={2} label={t`Headers`} hint={<LinesHint />} />
      <BoundText name="query" place="request.query" rows={2} label={t`Parameters of the address`} hint={<QueryHint />} />
    </Group>
  );
}

function BodyHint() {
  const [page, page_size] = ['{page}', '{page_size}'];
  return (
    <Trans>
      As JSON. <bdi className="font-mono">{page}</bdi>, <bdi className="font-mono">{page_size}</bdi> and the names of the partitions in braces are filled in.
    </Trans>
  );
}

function QueryHint() {
  const example = 'page={page}';
  return (
    <Trans>
      A line each: <bdi className="font-mono">{example}</bdi>. May be empty.
    </Trans>
  );
}

function Answer() {
  const { t } = useLingui();
  return (
    <Group title={t`Answer and table`}>
      <Two>
        <BoundText name="records" label={t`Where the rows stand`} hint={t`Empty when the answer itself is the list.`} />
        <BoundText name="total" label={t`Where their number stands`} hint={t`Empty: it ends with the first empty page.`} />
        <BoundNumber name="page_size" label={t`Rows on a page`} />
        <BoundNumber name="first_page" label={t`Number of the first page`} />
        <BoundText name="table" label={t`Table that is filled`} />
        <BoundText name="key" label={t`Fields that tell rows apart`} hint={t`With commas between, when there are several.`} />
      </Two>
    </Group>
  );
}

function Pace() {
  const { t } = useLingui();
  return (
    <Group title={t`Pace`}>
      <Two>
        <IntervalFields />
      </Two>
      <Two>
        <BoundSpan name="timeout" label={t`A run may take`} />
        <BoundSpan name="request_timeout" label={t`One request may take`} />
        <BoundNumber name="retries" label={t`Tries again, for each page`} />
        <BoundNumber name="concurrency" label={t`Requests at a time`} />
      </Two>
    </Group>
  );
}

/** How often it is synced by itself. */
export function IntervalFields() {
  const { t } = useLingui();
  const { control, refused } = useAround();
  const units = [
    { id: 's', text: t`seconds` },
    { id: 'm', text: t`minutes` },
    { id: 'h', text: t`hours` },
    { id: 'd', text: t`days` },
  ] as const;
  return (
    <>
      <Controller
        name="count"
        control={control}
        rules={{ validate: (text) => Boolean(readWhole(text)) || t`Write a whole number from 1 on.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => <NumberField {...field} label={t`Synced by itself every`} error={fieldState.error?.message ?? refused('interval')} />}
      />
      <Controller name="unit" control={control} render={({ field: { ref: _, ...field } }) => <LabelledChoice {...field} label={t`Of what`} options={units} />} />
    </>
  );
}

function Incremental() {
  const { t } = useLingui();
  const { control, watch } = useFormContext<Values>();
  const ways = [
    { id: 'no', text: t`Always everything` },
    { id: 'yes', text: t`What changed, and everything once a day` },
  ] as const;
  return (
    <Group title={t`What is asked for`}>
      <Controller name="incremental.way" control={control} render={({ field: { ref: _, ...field } }) => <LabelledChoice {...field} label={t`When it is synced by itself`} options={ways} />} />
      {watch('incremental.way') === 'yes' && (
        <Two>
          <BoundText name="incremental.field" label={t`Field that grows with each change`} />
          <BoundText name="incremental.param" label={t`Where its value goes in the request`} />
          <BoundSpan name="incremental.overlap" label={t`Asked from so long before`} hint={t`Changes that were written late are not missed.`} />
        </Two>
      )}
    </Group>
  );
}
