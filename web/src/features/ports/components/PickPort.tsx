// Taking a port by hand: for whom, which one, and for how long.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { isolateLtr } from '../../../lib/bidi';
import { readWhole } from '../../../lib/digits';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { NumberField, TextField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import { tell } from '../../../ui/Toast';
import { useFailure } from '../../../ui/failure';
import { keys, pickPort, releasePort, type Pick } from '../api';

interface Values {
  owner: string;
  preferred: string;
  ttl: 'none' | '10m' | '1h' | '24h';
}

interface Props {
  range: readonly [number, number];
  /** The port that was looked at. */
  port: number | undefined;
  onClose: () => void;
}

export function PickPort(props: Props) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`Pick a port`} isOpen onClose={props.onClose}>
      <PickForm {...props} />
    </SidePanel>
  );
}

export function toPick({ owner, preferred, ttl }: Values): Pick {
  const port = readWhole(preferred);
  return { ...(owner.trim() && { owner: owner.trim() }), ...(port !== null && { preferred: port }), ...(ttl !== 'none' && { ttl }) };
}

function PickForm({ range: [first, last], port, onClose }: Props) {
  const { t } = useLingui();
  const { control, handleSubmit } = useForm<Values>({ defaultValues: { owner: '', preferred: port ? String(port) : '', ttl: 'none' } });
  const { mutate, error, isPending } = usePick(onClose);
  const refused = useRefusal(error);
  const bounds = `${isolateLtr(first)}–${isolateLtr(last)}`;
  const isInRange = (text: string) => {
    const number = readWhole(text);
    return !text.trim() || (number !== null && number >= first && number <= last);
  };
  const spans = [
    { id: 'none', text: t`Until released` },
    { id: '10m', text: plural(10, { one: '# minute', other: '# minutes' }) },
    { id: '1h', text: plural(1, { one: '# hour', other: '# hours' }) },
    { id: '24h', text: plural(1, { one: '# day', other: '# days' }) },
  ] as const;
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate(toPick(values)))(event)}>
      <Controller
        name="owner"
        control={control}
        render={({ field: { ref: _, ...field } }) => (
          <TextField {...field} autoFocus label={t`For whom`} hint={t`Empty: your own name.`} maxLength={200} error={refused('owner')} />
        )}
      />
      <Controller
        name="preferred"
        control={control}
        rules={{ validate: (text) => isInRange(text) || t`A port of this range is a number in ${bounds}.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <NumberField {...field} label={t`Port`} hint={t`Empty, or when it is taken: the lowest free one.`} error={fieldState.error?.message ?? refused('preferred')} />
        )}
      />
      <Controller name="ttl" control={control} render={({ field }) => <LabelledChoice {...field} label={t`For how long`} options={spans} />} />
      {error && <ErrorView error={error} effect={t`No port was picked.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          <Trans>Pick</Trans>
        </Button>
      </Answers>
    </Form>
  );
}

function usePick(onDone: () => void) {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const renew = () => client.invalidateQueries({ queryKey: keys.all });
  return useMutation({
    mutationFn: pickPort,
    onSuccess: ({ port: number }) => {
      const port = isolateLtr(number);
      onDone();
      tell(t`Port ${port} is yours.`, () => void releasePort(number).then(renew, failure(t`Port ${port} was not released.`)));
      return renew();
    },
  });
}
