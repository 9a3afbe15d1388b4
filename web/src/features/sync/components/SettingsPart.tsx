// How a source is asked: to be tried out, changed and removed by those who may, to be read by everybody else.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import { Form } from 'react-aria-components/Form';
import { NAMES } from '../../../lib/sources';
import { useIsAdmin } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Json } from '../../../ui/Json';
import { Answers } from '../../../ui/Overlay';
import { Panel } from '../../../ui/Panel';
import { tell } from '../../../ui/Toast';
import { TypeName } from '../../../ui/TypeName';
import type { Json as Patch, Source } from '../api';
import { intervalOf, specOf, toPatch, toValues, type Values } from '../form';
import { useNameOf, useRemove, useRenew } from '../hooks';
import { changeSource, testSource } from '../orders';
import { useSourceRefusal } from '../refusal';
import { FormAround } from './Bound';
import { IntervalFields, SourceForm } from './SourceForm';
import { TestPanel } from './TestPanel';

export function SettingsPart({ source }: { source: Source }) {
  const isAdmin = useIsAdmin();
  const test = useMutation({ mutationFn: () => testSource(source.name) });
  const isOurs = isAdmin && source.origin !== 'file';
  return (
    <>
      {source.kind === 'http' && <TestPanel source={source} test={test} />}
      {isOurs ? <Own source={source} onTest={() => test.mutate()} /> : <Foreign source={source} />}
    </>
  );
}

function useChange(source: Source) {
  const { t } = useLingui();
  const renew = useRenew();
  const name = useNameOf()(source.name);
  return useMutation({
    mutationFn: (patch: Patch) => changeSource(source.name, patch),
    onSuccess: () => {
      tell(t`The settings of ${name} are saved.`);
      return renew();
    },
  });
}

function Own({ source, onTest }: { source: Source; onTest: () => void }) {
  const { t } = useLingui();
  const { mutateAsync, error, isPending } = useChange(source);
  const save = (values: Values, before: Values) => mutateAsync(toPatch(before, values)).catch(() => null);
  return (
    <>
      <SourceForm spec={source} error={error} isPending={isPending} effect={t`The settings stay as they were.`} onSave={save} onTest={onTest} />
      {source.origin === 'api' && <Remove source={source} />}
    </>
  );
}

function Remove({ source }: { source: Source }) {
  const { t } = useLingui();
  const [asking, setAsking] = useState(false);
  const remove = useRemove(source);
  const isKnown = source.name in NAMES;
  return (
    <Panel title={isKnown ? t`Back to the beginning` : t`Remove the source`}>
      <p className="pb-3 text-ink-2">
        {isKnown ? (
          <Trans>Its settings become those that Dabir comes with, without a login. Its table and its runs stay.</Trans>
        ) : (
          <Trans>It is not asked any more, and its login is forgotten. Its table and its runs stay.</Trans>
        )}
      </p>
      <Button weight="danger" onPress={() => setAsking(true)}>
        {isKnown ? <Trans>Forget these settings…</Trans> : <Trans>Remove the source…</Trans>}
      </Button>
      <TypeName
        title={isKnown ? t`Forget these settings?` : t`Remove this source?`}
        name={source.name}
        deed={isKnown ? t`Forget these settings` : t`Remove the source`}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onSure={remove}
      >
        <Trans>Its login goes with them, and nothing brings it back.</Trans>
      </TypeName>
    </Panel>
  );
}

/** To be read; of a source in the file an administrator can change how often it is synced. */
function Foreign({ source }: { source: Source }) {
  const { t } = useLingui();
  const isAdmin = useIsAdmin();
  const isInFile = source.origin === 'file';
  return (
    <>
      {isInFile && isAdmin && <Interval source={source} />}
      <Panel title={t`Settings`}>
        <div className="grid gap-3">
          <p className="text-ink-2">
            {isInFile ? (
              <Trans>
                It stands in the configuration file and is changed there, under <bdi className="font-mono">[[sync.sources]]</bdi>; Dabir takes it at the next start.
              </Trans>
            ) : (
              <Trans>Only administrators change them.</Trans>
            )}
          </p>
          <Json label={t`Settings`} value={specOf(source)} />
        </div>
      </Panel>
    </>
  );
}

function Interval({ source }: { source: Source }) {
  const { t } = useLingui();
  const form = useForm<Values>({ defaultValues: toValues(source) });
  const { mutate, error, isPending } = useChange(source);
  const refused = useSourceRefusal(error);
  return (
    <Panel title={t`Pace`}>
      <FormProvider {...form}>
        <FormAround value={{ control: form.control, refused }}>
          <Form className="grid gap-4" validationBehavior="aria" onSubmit={(event) => void form.handleSubmit((values) => mutate({ interval: intervalOf(values) }))(event)}>
            <div className="grid gap-4 sm:grid-cols-2">
              <IntervalFields />
            </div>
            {error && <ErrorView error={error} effect={t`The settings stay as they were.`} />}
            <Answers>
              <Button type="submit" weight="primary" isPending={isPending}>
                <Trans>Save</Trans>
              </Button>
            </Answers>
          </Form>
        </FormAround>
      </FormProvider>
    </Panel>
  );
}
