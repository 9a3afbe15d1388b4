// Turning the second factor off, which wants the password.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import { tell } from '../../../ui/Toast';
import { keys, removeFactor } from '../api';

export function FactorOff({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const removed = () => {
    onClose();
    tell(t`The second factor is off; the password alone lets you in.`);
    return client.invalidateQueries({ queryKey: keys.me });
  };
  const { mutate, error, isPending } = useMutation({ mutationFn: () => removeFactor(password), onSuccess: removed });
  return (
    <Box title={t`Turn the second factor off?`} isOpen onClose={onClose}>
      <Form className="grid gap-3" onSubmit={(event) => (event.preventDefault(), mutate())}>
        <p>
          <Trans>Your recovery codes go with it.</Trans>
        </p>
        <TextField type="password" label={t`Your password`} value={password} onChange={setPassword} autoFocus autoComplete="current-password" />
        {error && <ErrorView error={error} effect={t`The second factor is still on.`} />}
        <Answers>
          <Button onPress={onClose}>
            <Trans>Leave it on</Trans>
          </Button>
          <Button type="submit" weight="danger" isPending={isPending} isDisabled={!password}>
            <Trans>Turn it off</Trans>
          </Button>
        </Answers>
      </Form>
    </Box>
  );
}
