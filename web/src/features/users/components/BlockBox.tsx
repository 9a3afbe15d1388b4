// Keeping somebody out: they are told why.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import type { Person } from '../api';
import { usePersonActions } from '../hooks';

export function BlockBox({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useLingui();
  const { block } = usePersonActions();
  const [reason, setReason] = useState('');
  const sure = () => {
    onClose();
    void block(person, reason.trim());
  };
  return (
    <Box title={t`Keep them out?`} isOpen onClose={onClose}>
      <Form className="grid gap-3" onSubmit={(event) => (event.preventDefault(), reason.trim() && sure())}>
        <p>
          <Trans>Their sessions, streams and rooms end within a second; their tokens are refused. You can let them in again.</Trans>
        </p>
        <TextField label={t`Why`} hint={t`They read it when they try to sign in.`} value={reason} onChange={setReason} autoFocus maxLength={200} />
        <Answers>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" weight="danger" isDisabled={!reason.trim()}>
            <Trans>Keep them out</Trans>
          </Button>
        </Answers>
      </Form>
    </Box>
  );
}
