// A new meeting: a name and Enter are enough; then it is live and its link copied.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import * as v from 'valibot';
import { copy } from '../../../lib/clipboard';
import { readWhole } from '../../../lib/digits';
import { Button } from '../../../ui/Button';
import { MomentPicker } from '../../../ui/dates';
import { ErrorView } from '../../../ui/ErrorView';
import { NumberField, TextField, Wrong } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import { tell } from '../../../ui/Toast';
import { createMeeting, keys, type NewMeeting as Body } from '../api';
import type { Meeting } from '../model';

interface Values {
  name: string;
  begins: 'now' | 'later';
  at: string;
  minutes: string;
  port: string;
}

const LENGTHS = ['30', '60', '90', '120'] as const;
const HOUR_MS = 3_600_000;

const fresh = (): Values => ({
  name: '',
  begins: 'now',
  at: new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS).toISOString(),
  minutes: '60',
  port: '',
});

const Port = v.pipe(v.number(), v.minValue(1), v.maxValue(65_535));

export const isPort = (text: string): boolean => text.trim() === '' || v.is(Port, readWhole(text));

export function toBody({ name, begins, at, minutes, port }: Values): Body {
  return {
    name: name.trim(),
    duration: `${minutes}m`,
    ...(begins === 'later' && { date_time: at }),
    ...(port.trim() && { port: readWhole(port) }),
  };
}

export function NewMeeting({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`New meeting`} isOpen onClose={onClose}>
      <MeetingForm onClose={onClose} />
    </SidePanel>
  );
}

function MeetingForm({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const { control, handleSubmit, watch } = useForm<Values>({ defaultValues: fresh() });
  const { mutate, error, isPending } = useCreate();
  const refused = useRefusal(error);
  const begins = [
    { id: 'now', text: t`Now` },
    { id: 'later', text: t`Later` },
  ] as const;
  const lengths = LENGTHS.map((id) => ({ id, text: plural(Number(id), { one: '# min', other: '# min' }) }));
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate(toBody(values)))(event)}>
      <Controller
        name="name"
        control={control}
        rules={{ validate: (name) => Boolean(name.trim()) || t`A meeting needs a name.` }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <TextField {...field} label={t`Name`} autoFocus maxLength={200} autoComplete="off" error={fieldState.error?.message ?? refused('name')} />
        )}
      />
      <Controller name="begins" control={control} render={({ field }) => <LabelledChoice {...field} label={t`Begins`} options={begins} />} />
      {watch('begins') === 'later' && (
        <Controller name="at" control={control} render={({ field }) => <MomentPicker {...field} label={t`Day and time`} />} />
      )}
      <Controller name="minutes" control={control} render={({ field }) => <LabelledChoice {...field} label={t`Length`} options={lengths} />} />
      <Wrong>{refused('end_time') ?? refused('duration')}</Wrong>
      <details className="group">
        <summary className="cursor-pointer py-1 text-lajvard">
          <Trans>More</Trans>
        </summary>
        <Controller
          name="port"
          control={control}
          rules={{ validate: (port) => isPort(port) || t`A port is a number from 1 to 65535.` }}
          render={({ field: { ref: _, ...field }, fieldState }) => (
            <NumberField {...field} label={t`Port`} hint={t`Empty: the lowest free one.`} error={fieldState.error?.message ?? refused('port')} />
          )}
        />
      </details>
      {error && <ErrorView error={error} effect={t`The meeting was not made.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          {watch('begins') === 'now' ? <Trans>Make and start</Trans> : <Trans>Make</Trans>}
        </Button>
      </Answers>
    </Form>
  );
}

function useCreate() {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate();
  const made = async (meeting: Meeting) => {
    client.setQueryData(keys.one(meeting.id), meeting);
    void client.invalidateQueries({ queryKey: keys.all });
    void navigate({ to: '/meetings/$id', params: { id: meeting.id } });
    if (await copy(meeting.join_url)) tell(t`The meeting is made and its link copied.`);
    else tell(t`The meeting is made.`);
  };
  return useMutation({ mutationFn: createMeeting, onSuccess: made });
}
