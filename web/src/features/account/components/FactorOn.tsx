// Turning the second factor on: scan, prove it with a first code, keep the recovery codes.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import type { components } from '../../../api/schema.gen';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { NumberField } from '../../../ui/Field';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { QrCode } from '../../../ui/QrCode';
import { ShownOnce } from '../../../ui/ShownOnce';
import { Mono } from '../../../ui/Text';
import { confirmFactor } from '../api';

interface Props {
  factor: components['schemas']['NewFactor'];
  onClose: () => void;
}

export function FactorOn({ factor, onClose }: Props) {
  const { t } = useLingui();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  return (
    <SidePanel title={t`Turn the second factor on`} isOpen onClose={onClose}>
      {codes ? <RecoveryCodes codes={codes} onClose={onClose} /> : <Prove factor={factor} onDone={setCodes} onClose={onClose} />}
    </SidePanel>
  );
}

function Prove({ factor, onDone, onClose }: Props & { onDone: (codes: readonly string[]) => void }) {
  const { t } = useLingui();
  const [code, setCode] = useState('');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => confirmFactor(code.trim()),
    onSuccess: ({ recovery_codes }) => onDone(recovery_codes),
  });
  return (
    <Form className="grid gap-4" onSubmit={(event) => (event.preventDefault(), mutate())}>
      <p>
        <Trans>1. Scan this with the authenticator on your telephone.</Trans>
      </p>
      <QrCode text={factor.uri} label={t`The second factor as a QR code`} />
      <p className="text-ink-2">
        <Trans>
          Or type it in there: <Mono className="wrap-anywhere">{factor.secret}</Mono>
        </Trans>
      </p>
      <NumberField label={t`2. Type the six digits that it shows`} value={code} onChange={setCode} autoFocus autoComplete="one-time-code" maxLength={8} />
      {error && <ErrorView error={error} effect={t`The second factor is still off.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" weight="primary" isPending={isPending} isDisabled={!code.trim()}>
          <Trans>Turn it on</Trans>
        </Button>
      </Answers>
    </Form>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <div className="grid gap-3">
      <p className="font-semibold">
        <Trans>The second factor is on.</Trans>
      </p>
      <p>
        <Trans>Keep these codes where your telephone is not. Each lets you in once without it; they are shown only now.</Trans>
      </p>
      <ShownOnce text={codes.join('\n')} file="dabir-recovery-codes.txt" />
      <Answers>
        <Button weight="primary" onPress={onClose}>
          <Trans>I have kept them</Trans>
        </Button>
      </Answers>
    </div>
  );
}
