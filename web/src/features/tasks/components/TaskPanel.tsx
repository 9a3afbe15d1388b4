// A task beside the list.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Maximize2 } from 'lucide-react';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { buttonStyle } from '../../../ui/Button';
import { SidePanel } from '../../../ui/Overlay';
import { oneTask } from '../api';
import { Remove } from './Remove';
import { TaskView } from './TaskView';

export function TaskPanel({ number, onClose }: { number: number; onClose: () => void }) {
  const { t } = useLingui();
  const formats = useFormats();
  const query = useQuery(oneTask(String(number)));
  const shown = formats.number(number);
  return (
    <SidePanel title={query.data ? <bdi className="wrap-anywhere">{query.data.title}</bdi> : t`Task ${shown}`} isOpen isWide onClose={onClose}>
      <div className="flex flex-wrap gap-2">
        <Link to="/tasks/$id" params={{ id: String(number) }} className={buttonStyle('plain', 'small')}>
          <Maximize2 size={14} aria-hidden />
          <Trans>As a page</Trans>
        </Link>
        {query.data && <Remove task={query.data} onDone={onClose} />}
      </div>
      <Answered query={query} reading={t`Reading the task…`} effect={t`The task cannot be shown.`}>
        {(task) => <TaskView task={task} />}
      </Answered>
    </SidePanel>
  );
}
