// For what cannot be taken back: the name is typed before the button works.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState, type ReactNode } from 'react';
import { Form } from 'react-aria-components/Form';
import { fold } from '../lib/collate';
import { Button } from './Button';
import { TextField } from './Field';
import { Answers, Box } from './Overlay';

interface Props {
  title: ReactNode;
  /** What is lost. */
  children: ReactNode;
  name: string;
  /** The word on the button. */
  deed: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  onSure: () => void;
}

export function TypeName(props: Props) {
  const { title, isOpen, onClose } = props;
  return (
    <Box title={title} isOpen={isOpen} onClose={onClose} role="alertdialog">
      <Question {...props} />
    </Box>
  );
}

function Question({ children, name, deed, onClose, onSure }: Props) {
  const { t } = useLingui();
  const [typed, setTyped] = useState('');
  const same = fold(typed.trim()) === fold(name.trim());
  const sure = () => {
    onClose();
    onSure();
  };
  return (
    <Form className="grid gap-3" onSubmit={(event) => (event.preventDefault(), same && sure())}>
      <div>{children}</div>
      <p className="rounded-md bg-sunken px-3 py-2 font-semibold">
        <bdi>{name}</bdi>
      </p>
      <TextField label={t`Type this name to go on`} value={typed} onChange={setTyped} autoFocus autoComplete="off" />
      <Answers>
        <Button onPress={onClose}>
          <Trans>Leave it</Trans>
        </Button>
        <Button type="submit" weight="danger" isDisabled={!same}>
          {deed}
        </Button>
      </Answers>
    </Form>
  );
}
