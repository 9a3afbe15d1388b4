// Trying a job again with other arguments: what is typed is looked at here, and by the kind of job on the server.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Controller, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { isolateLtr } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { tell } from '../../../ui/Toast';
import { retryWith, type Job } from '../api';
import { useRenew } from '../hooks';
import { readJson } from '../model';

interface Props {
  job: Job;
  onClose: () => void;
}

export function EditRetry({ job, onClose }: Props) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`Edit and try again`} isOpen onClose={onClose}>
      <ArgsForm job={job} onClose={onClose} />
    </SidePanel>
  );
}

function ArgsForm({ job, onClose }: Props) {
  const { t } = useLingui();
  const { control, handleSubmit } = useForm({ defaultValues: { args: JSON.stringify(job.args ?? null, null, 2) } });
  const { mutate, error, isPending } = useRetry(job, onClose);
  const refused = useRefusal(error);
  const fault = useFault();
  return (
    <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void handleSubmit(({ args }) => mutate(args))(event)}>
      <Controller
        name="args"
        control={control}
        rules={{ validate: fault }}
        render={({ field: { ref: _, ...field }, fieldState }) => (
          <TextField
            {...field}
            autoFocus
            ltr
            rows={14}
            spellCheck="false"
            label={t`Arguments`}
            hint={t`As JSON. The job keeps its number; what it was asked before stays in the audit.`}
            error={fieldState.error?.message ?? refused('args')}
          />
        )}
      />
      {error && <ErrorView error={error} effect={t`The job was not tried again.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending}>
          <Trans>Try again with these</Trans>
        </Button>
      </Answers>
    </Form>
  );
}

/** Says what is wrong with a text that is to be JSON. */
function useFault(): (text: string) => string | true {
  const { t } = useLingui();
  const formats = useFormats();
  return (text) => {
    const read = readJson(text);
    if ('value' in read) return true;
    if (read.line === null) return t`This is no JSON; something is missing at its end.`;
    const line = formats.number(read.line);
    return t`This is no JSON; look at line ${line}.`;
  };
}

function useRetry(job: Job, onDone: () => void) {
  const { t } = useLingui();
  const renew = useRenew();
  return useMutation({
    mutationFn: (text: string) => retryWith(job.id, JSON.parse(text)),
    onSuccess: () => {
      const id = isolateLtr(job.id);
      onDone();
      tell(t`Job ${id} waits for a worker again.`);
      return renew();
    },
  });
}
