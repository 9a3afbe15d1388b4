// Deletes a task at once, and offers it back.

import { Trans } from '@lingui/react/macro';
import { useMayWrite } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import type { Task } from '../api';
import { useTaskDeeds } from '../deeds';

export function Remove({ task, onDone }: { task: Task; onDone: () => void }) {
  const { order } = useTaskDeeds();
  if (!useMayWrite()) return null;
  const remove = () => void order({ action: 'delete' }, [task]).then((isDone) => isDone && onDone());
  return (
    <Button size="small" weight="danger" onPress={remove}>
      <Trans>Delete</Trans>
    </Button>
  );
}
