// The first page: how it is, what needs somebody, what runs.

import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../../lib/reader';
import type { Call } from '../../../ui/Calls';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { recentMeetings } from '../../meetings/api';
import { backups } from '../../ports/api';
import { Checklist } from '../components/Checklist';
import { Figures } from '../components/Figures';
import { LiveMeetings } from '../components/LiveMeetings';
import { Now } from '../components/Now';
import { RecentEvents } from '../components/RecentEvents';
import { useOverview } from '../hooks';

const CALLS: Call[] = [{ path: '/api/v1/meetings?state=running' }, { path: '/api/v1/meetings/plan' }, { path: '/api/v1/port/state' }, { path: '/ready' }];

export function OverviewPage() {
  const { t } = useLingui();
  const formats = useFormats();
  const { live, scheduled, ports, source, troubles, error, isPending, retry } = useOverview();
  const all = useQuery(recentMeetings()).data?.items ?? [];
  const saved = useQuery(backups()).data?.backups ?? [];
  const nameOf = (id: string) => all.find((meeting) => meeting.id === id)?.name;
  return (
    <>
      <PageHead title={t`Overview`} note={formats.day(Date.now())} calls={CALLS} />
      {isPending && !error && <Waiting label={t`Reading how it is…`} />}
      {error && <ErrorView error={error} effect={t`How it is cannot be shown.`} onRetry={retry} />}
      {!isPending && ports && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <Now troubles={troubles} live={live} scheduled={scheduled} />
          <Figures live={live} scheduled={scheduled} ports={ports} />
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <LiveMeetings live={live} />
            <div className="grid gap-4">
              <Checklist
                hasMeetings={all.length > 0}
                hasSource={Boolean(source?.url)}
                hasPeople={live.some(({ clients }) => clients > 0)}
                hasBackup={saved.length > 0}
              />
              <RecentEvents nameOf={nameOf} />
            </div>
          </div>
        </div>
      )}
    </>
  );
}
