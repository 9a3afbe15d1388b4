// Pausing a queue: whoever comes later reads why.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import type { Queue } from '../api';
import { useQueueActions } from '../hooks';

export function PauseBox({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  const { t } = useLingui();
  const { pause } = useQueueActions();
  const [reason, setReason] = useState('');
  const sure = () => {
    onClose();
    void pause(queue, reason.trim());
  };
  return (
    <Box
      title={
        <Trans>
          Pause the queue <bdi>{queue.name}</bdi>?
        </Trans>
      }
      isOpen
      onClose={onClose}
    >
      <Form className="grid gap-3" onSubmit={(event) => (event.preventDefault(), sure())}>
        <p>
          <Trans>None of its jobs is begun until you let it go on. What runs now goes on to its end, and nothing is lost.</Trans>
        </p>
        <TextField label={t`Why`} hint={t`For whoever comes later; may be empty.`} value={reason} onChange={setReason} autoFocus maxLength={500} />
        <Answers>
          <Button onPress={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" weight="primary">
            <Trans>Pause it</Trans>
          </Button>
        </Answers>
      </Form>
    </Box>
  );
}
