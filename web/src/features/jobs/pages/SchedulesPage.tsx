// What is done again and again: when, what came of it last, and when next.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Empty } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { schedules, type Schedule } from '../api';
import { ScheduleCard } from '../components/ScheduleCard';

const ScheduleForm = lazy(async () => ({ default: (await import('../components/ScheduleForm')).ScheduleForm }));

const route = getRouteApi('/schedules');

const CALLS = [
  { path: '/api/v1/schedules' },
  { method: 'PATCH', path: '/api/v1/schedules/NAME', body: { every: '1h' } },
  { method: 'POST', path: '/api/v1/schedules/NAME/fire' },
] as const;

export function SchedulesPage() {
  const { t } = useLingui();
  const query = useQuery(schedules());
  return (
    <>
      <PageHead title={t`Schedules`} calls={CALLS} />
      <Answered query={query} reading={t`Reading the schedules…`} effect={t`The schedules cannot be shown.`}>
        {(schedules) => <Whole schedules={schedules} />}
      </Answered>
    </>
  );
}

function Whole({ schedules }: { schedules: readonly Schedule[] }) {
  const { change } = route.useSearch();
  const navigate = route.useNavigate();
  const changed = schedules.find(({ name }) => name === change);
  const mayRun = useMayRun();
  if (schedules.length === 0) return <NoSchedules />;
  return (
    <>
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-2">
        {schedules.map((schedule) => (
          <ScheduleCard key={schedule.name} schedule={schedule} />
        ))}
      </ul>
      <Suspense fallback={null}>
        {changed && mayRun && <ScheduleForm key={changed.name} schedule={changed} onClose={() => void navigate({ search: (old) => ({ ...old, change: undefined }), replace: true })} />}
      </Suspense>
    </>
  );
}

function NoSchedules() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`Nothing is done by the clock yet`}>
        <Trans>A source of data that is asked every hour has its schedule here.</Trans>
      </Empty>
    </section>
  );
}
