// How much of the workers a queue gets, and how much of it may be done at a time.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Controller, useForm, type Control, type FieldPath } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { readWhole } from '../../../lib/digits';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { tell } from '../../../ui/Toast';
import { changeQueue, type Queue, type QueuePatch } from '../api';
import { useRenew } from '../hooks';
import { readDecimal } from '../model';

interface Values {
  weight: string;
  max_running: string;
  rate: string;
}

const written = (value: number | null | undefined): string => (value == null ? '' : String(value));

/** An empty limit is none. */
export function toPatch({ weight, max_running, rate }: Values): QueuePatch {
  return { weight: readWhole(weight), max_running: readWhole(max_running), rate: readDecimal(rate) };
}

interface Props {
  queue: Queue;
  onClose: () => void;
}

export function QueueLimits({ queue, onClose }: Props) {
  return (
    <SidePanel
      title={
        <Trans>
          Share and limits of <bdi>{queue.name}</bdi>
        </Trans>
      }
      isOpen
      onClose={onClose}
    >
      <LimitsForm queue={queue} onClose={onClose} />
    </SidePanel>
  );
}

function LimitsForm({ queue, onClose }: Props) {
  const { t } = useLingui();
  const { weight, max_running, rate } = queue;
  const { control, handleSubmit } = useForm<Values>({ defaultValues: { weight: written(weight), max_running: written(max_running), rate: written(rate) } });
  const { mutate, error, isPending } = useChange(queue, onClose);
  const refused = useRefusal(error);
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate(toPatch(values)))(event)}>
      <Amount
        control={control}
        name="weight"
        label={t`Share of the workers`}
        hint={t`From 1 to 100. Beside a queue with 1, one with 2 gets twice as many.`}
        isRight={(text) => readWhole(text) !== null}
        wrong={t`Write a whole number.`}
        refused={refused('weight')}
      />
      <Amount
        control={control}
        name="max_running"
        label={t`Running at a time, at most`}
        hint={t`On all workers together; empty: no limit.`}
        isRight={(text) => !text.trim() || readWhole(text) !== null}
        wrong={t`Write a whole number, or nothing.`}
        refused={refused('max_running')}
      />
      <Amount
        control={control}
        name="rate"
        label={t`Begun a second, at most`}
        hint={t`Such as 0.5 for one in two seconds; empty: no limit.`}
        isRight={(text) => !text.trim() || readDecimal(text) !== null}
        wrong={t`Write a number, or nothing.`}
        refused={refused('rate')}
      />
      {error && <ErrorView error={error} effect={t`The queue stays as it was.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          <Trans>Save</Trans>
        </Button>
      </Answers>
    </Form>
  );
}

interface AmountProps {
  control: Control<Values>;
  name: FieldPath<Values>;
  label: string;
  hint: string;
  isRight: (text: string) => boolean;
  wrong: string;
  refused: ReactNode;
}

function Amount({ control, name, label, hint, isRight, wrong, refused }: AmountProps) {
  return (
    <Controller
      name={name}
      control={control}
      rules={{ validate: (text) => isRight(text) || wrong }}
      render={({ field: { ref: _, ...field }, fieldState }) => (
        <TextField {...field} ltr inputMode="decimal" label={label} hint={hint} error={fieldState.error?.message ?? refused} />
      )}
    />
  );
}

function useChange({ name }: Queue, onDone: () => void) {
  const { t } = useLingui();
  const renew = useRenew();
  return useMutation({
    mutationFn: (patch: QueuePatch) => changeQueue(name, patch),
    onSuccess: () => {
      const queue = isolate(name);
      onDone();
      tell(t`The queue ${queue} is worked off like that from now on.`);
      return renew();
    },
  });
}
