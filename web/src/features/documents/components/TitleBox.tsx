// Asks for a title: of what is made, or another one for what is there.

import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { TextField } from '../../../ui/Field';
import { Answers, Box } from '../../../ui/Overlay';
import { useRefusal } from '../../../ui/refusal';

interface Props {
  title: string;
  label: string;
  value?: string;
  submit: string;
  /** What it means when it is refused. */
  effect: string;
  onSend: (title: string) => Promise<unknown>;
  onClose: () => void;
  /** Where what was sent leads elsewhere. */
  onDone?: () => void;
  /** More that is asked for. */
  children?: ReactNode;
}

export function TitleBox({ title, label, value = '', submit, effect, onSend, onClose, onDone = onClose, children }: Props) {
  const [text, setText] = useState(value);
  const { mutate, error, isPending } = useMutation({ mutationFn: () => onSend(text.trim()), onSuccess: onDone });
  const refused = useRefusal(error);
  return (
    <Box title={title} isOpen onClose={onClose}>
      <Form
        className="grid gap-4"
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <TextField label={label} value={text} onChange={setText} autoFocus error={refused('title')} maxLength={300} />
        {children}
        {error && <ErrorView error={error} effect={effect} />}
        <Answers>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" weight="primary" isPending={isPending} isDisabled={!text.trim() || text.trim() === value}>
            {submit}
          </Button>
        </Answers>
      </Form>
    </Box>
  );
}
