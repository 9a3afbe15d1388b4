// Changing when a schedule fires.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { isolate } from '../../../lib/bidi';
import { readWhole } from '../../../lib/digits';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { NumberField, TextField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { LabelledChoice } from '../../../ui/Select';
import { tell } from '../../../ui/Toast';
import { changeSchedule, type CatchUp, type Schedule, type SchedulePatch } from '../api';
import { useRenew } from '../hooks';
import { CATCH_UP, RULES } from '../model';
import { readWidth, type Unit } from '../when';

interface Values {
  way: 'every' | 'cron';
  count: string;
  unit: Unit;
  cron: string;
  timezone: string;
  catch_up: CatchUp;
}

interface Props {
  schedule: Schedule;
  onClose: () => void;
}

export function ScheduleForm({ schedule, onClose }: Props) {
  return (
    <SidePanel title={<bdi>{schedule.name}</bdi>} isOpen onClose={onClose}>
      <WhenForm schedule={schedule} onClose={onClose} />
    </SidePanel>
  );
}

function toValues({ every, cron, timezone, catch_up }: Schedule): Values {
  const { count, unit } = readWidth(every ?? '') ?? { count: '', unit: 'h' as const };
  return { way: cron ? 'cron' : 'every', count: String(count), unit, cron: cron ?? '', timezone, catch_up };
}

export function toPatch({ way, count, unit, cron, timezone, catch_up }: Values): SchedulePatch {
  const timing = way === 'every' ? { every: `${readWhole(count) ?? ''}${unit}` } : { cron: cron.trim(), timezone: timezone.trim() };
  return { ...timing, catch_up };
}

function WhenForm({ schedule, onClose }: Props) {
  const { t } = useLingui();
  const { control, handleSubmit, watch } = useForm<Values>({ defaultValues: toValues(schedule) });
  const { mutate, error, isPending } = useChange(schedule, onClose);
  const refused = useRefusal(error);
  const ways = [
    { id: 'every', text: t`Every so often` },
    { id: 'cron', text: t`By the calendar` },
  ] as const;
  const units = [
    { id: 's', text: t`seconds` },
    { id: 'm', text: t`minutes` },
    { id: 'h', text: t`hours` },
    { id: 'd', text: t`days` },
  ] as const;
  const rules = RULES.map((id) => ({ id, text: t(CATCH_UP[id].word) }));
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit((values) => mutate(toPatch(values)))(event)}>
      <Controller name="way" control={control} render={({ field }) => <LabelledChoice {...field} label={t`It runs`} options={ways} />} />
      {watch('way') === 'every' ? (
        <>
          <Controller
            name="count"
            control={control}
            rules={{ validate: (text) => Boolean(readWhole(text)) || t`Write a whole number from 1 on.` }}
            render={({ field: { ref: _, ...field }, fieldState }) => (
              <NumberField {...field} label={t`How many`} error={fieldState.error?.message ?? refused('every')} />
            )}
          />
          <Controller name="unit" control={control} render={({ field }) => <LabelledChoice {...field} label={t`Of what`} options={units} />} />
        </>
      ) : (
        <>
          <Controller
            name="cron"
            control={control}
            render={({ field: { ref: _, ...field } }) => (
              <TextField
                {...field}
                ltr
                label={t`Cron expression`}
                hint={<CronHint />}
                error={refused('cron')}
              />
            )}
          />
          <Controller
            name="timezone"
            control={control}
            render={({ field: { ref: _, ...field } }) => <TextField {...field} ltr label={t`Time zone`} hint={<ZoneHint />} error={refused('timezone')} />}
          />
        </>
      )}
      <Controller
        name="catch_up"
        control={control}
        render={({ field }) => <LabelledChoice {...field} label={t`Times that were missed`} options={rules} hint={t(CATCH_UP[field.value].meaning)} />}
      />
      {error && <ErrorView error={error} effect={t`The schedule stays as it was.`} />}
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

function CronHint() {
  return (
    <Trans>
      Minute, hour, day, month and weekday: <bdi className="font-mono">30 2 * * sat</bdi> is Saturdays at half past two in the night.
    </Trans>
  );
}

function ZoneHint() {
  return (
    <Trans>
      Such as <bdi className="font-mono">Asia/Tehran</bdi>.
    </Trans>
  );
}

function useChange({ name }: Schedule, onDone: () => void) {
  const { t } = useLingui();
  const renew = useRenew();
  return useMutation({
    mutationFn: (patch: SchedulePatch) => changeSchedule(name, patch),
    onSuccess: () => {
      const schedule = isolate(name);
      onDone();
      tell(t`${schedule} runs like that from now on.`);
      return renew();
    },
  });
}
