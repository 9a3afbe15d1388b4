// One task on a page of its own.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { PageHead } from '../../../ui/PageHead';
import { oneTask, type Detail } from '../api';
import { StatusMark } from '../components/Names';
import { Remove } from '../components/Remove';
import { TaskView } from '../components/TaskView';

const route = getRouteApi('/tasks/$id');

export function TaskPage() {
  const { t } = useLingui();
  const { id } = route.useParams();
  const query = useQuery(oneTask(id));
  return (
    <>
      <Link to="/tasks" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All tasks</Trans>
      </Link>
      {query.data ? <Head task={query.data} /> : <PageHead title={t`Task`} calls={[{ path: `/api/v1/tasks/${id}` }]} />}
      <Answered query={query} reading={t`Reading the task…`} effect={t`The task cannot be shown.`}>
        {(task) => (
          <section className="jadval max-w-3xl px-4 pb-4">
            <h2 className="sr-only">
              <Trans>Details</Trans>
            </h2>
            <TaskView key={task.id} task={task} />
          </section>
        )}
      </Answered>
    </>
  );
}

function Head({ task }: { task: Detail }) {
  const formats = useFormats();
  const navigate = route.useNavigate();
  const path = `/api/v1/tasks/${task.number}`;
  const calls = [{ path }, { method: 'PATCH', path, body: { status: 'done', version: task.version } }, { method: 'POST', path: `${path}/comments`, body: { text: '…' } }] as const;
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <bdi>{task.title}</bdi>
      <StatusMark status={task.status} />
    </span>
  );
  const number = formats.number(task.number);
  return (
    <PageHead title={task.title} heading={heading} note={<Trans>Task {number}</Trans>} tools={!task.deleted_at && <Remove task={task} onDone={() => void navigate({ to: '/tasks' })} />} calls={calls} />
  );
}
