// A second factor: a code from the telephone besides the password.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { Panel } from '../../../ui/Panel';
import { Status } from '../../../ui/Status';
import { useFailure } from '../../../ui/failure';
import { beginFactor, keys } from '../api';
import { FactorOff } from './FactorOff';
import { FactorOn } from './FactorOn';

export function SecondFactor({ isOn }: { isOn: boolean }) {
  const { t } = useLingui();
  const state = isOn ? (
    <Status tone="live">
      <Trans context="second factor">On</Trans>
    </Status>
  ) : (
    <Status tone="wait">
      <Trans context="second factor">Off</Trans>
    </Status>
  );
  return (
    <Panel title={t`Second factor`} actions={state}>
      {isOn ? <On /> : <Off />}
    </Panel>
  );
}

function On() {
  const [removing, setRemoving] = useState(false);
  return (
    <>
      <p className="pb-3 text-ink-2">
        <Trans>At each sign-in you are asked for a code from your authenticator. Without the telephone, a recovery code does once.</Trans>
      </p>
      <Button onPress={() => setRemoving(true)}>
        <Trans>Turn it off…</Trans>
      </Button>
      {removing && <FactorOff onClose={() => setRemoving(false)} />}
    </>
  );
}

function Off() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const { mutate, data, reset, isPending } = useMutation({ mutationFn: beginFactor, onError: failure(t`The second factor stays off.`) });
  const close = () => {
    reset();
    void client.invalidateQueries({ queryKey: keys.me });
  };
  return (
    <>
      <p className="pb-3 text-ink-2">
        <Trans>With it, a stolen password is not enough: a code from your telephone is asked for as well.</Trans>
      </p>
      <Button isPending={isPending} onPress={() => mutate()}>
        <Trans>Turn it on…</Trans>
      </Button>
      {data && <FactorOn factor={data} onClose={close} />}
    </>
  );
}
