// Another name for a file.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';
import { useFileActions } from '../actions';
import type { StoredFile } from '../api';

export function Rename({ file, onClose }: { file: StoredFile; onClose: () => void }) {
  const { t } = useLingui();
  const { rename } = useFileActions();
  const [name, setName] = useState(file.name);
  const { mutate, error, isPending } = useMutation({ mutationFn: () => rename(file, name), onSuccess: onClose });
  const refused = useRefusal(error);
  return (
    <Box title={t`Rename the file`} isOpen onClose={onClose}>
      <Form
        className="grid gap-4"
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <TextField label={t`Name`} value={name} onChange={setName} autoFocus error={refused('name')} />
        {error && <ErrorView error={error} effect={t`The file keeps its name.`} />}
        <Answers>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" weight="primary" isPending={isPending} isDisabled={!name.trim() || name === file.name}>
            <Trans>Rename</Trans>
          </Button>
        </Answers>
      </Form>
    </Box>
  );
}
