// A new password. Every other session ends with the old one.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Panel } from '../../../ui/Panel';
import { useRefusal } from '../../../ui/refusal';
import { tell } from '../../../ui/Toast';
import { keys as sessionKeys } from '../../sessions/api';
import { changePassword } from '../api';

export function Password() {
  const { t } = useLingui();
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const changed = () => {
    setCurrent('');
    setFresh('');
    tell(t`Your password is changed, and your other sessions have ended.`);
    return client.invalidateQueries({ queryKey: sessionKeys.all });
  };
  const { mutate, error, isPending } = useMutation({ mutationFn: () => changePassword(current, fresh), onSuccess: changed });
  const refused = useRefusal(error);
  return (
    <Panel title={t`Password`}>
      <Form className="grid gap-3" validationBehavior="aria" onSubmit={(event) => (event.preventDefault(), mutate())}>
        <TextField
          type="password"
          label={t`Password until now`}
          hint={t`Empty, if you have just come by a link of “dabir admin link”.`}
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
        />
        <TextField
          type="password"
          label={t`New password`}
          hint={t`A few words that only you put together are better than signs.`}
          value={fresh}
          onChange={setFresh}
          autoComplete="new-password"
          error={refused('password')}
        />
        {error && <ErrorView error={error} effect={t`Your password stays as it was.`} />}
        <div>
          <Button type="submit" isPending={isPending} isDisabled={!fresh}>
            <Trans>Change the password</Trans>
          </Button>
        </div>
      </Form>
    </Panel>
  );
}
