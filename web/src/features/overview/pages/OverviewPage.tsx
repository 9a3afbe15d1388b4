// The first page: how it is, what needs somebody, what runs.

import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../../lib/reader';
import type { Call } from '../../../ui/Calls';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import type { Totals } from '../../meetings/model';
import { backups } from '../../ports/api';
import { sample } from '../api';
import { Checklist } from '../components/Checklist';
import { Figures } from '../components/Figures';
import { LiveMeetings } from '../components/LiveMeetings';
import { Now } from '../components/Now';
import { RecentEvents } from '../components/RecentEvents';
import { SampleNote } from '../components/SampleNote';
import { useOverview } from '../hooks';

const CALLS: Call[] = [{ path: '/api/v1/meetings?state=running' }, { path: '/api/v1/meetings/plan' }, { path: '/api/v1/port/state' }, { path: '/ready' }];

const count = (totals: Totals): number => Object.values(totals).reduce((sum, n) => sum + n, 0);

export function OverviewPage() {
  const { t } = useLingui();
  const formats = useFormats();
  const { live, next, totals, ports, source, troubles, error, isPending, retry } = useOverview();
  const saved = useQuery(backups()).data?.backups ?? [];
  const samples = useQuery(sample()).data;
  return (
    <>
      <PageHead title={t`Overview`} note={formats.day(Date.now())} calls={CALLS} />
      {isPending && !error && <Waiting label={t`Reading how it is…`} />}
      {error && <ErrorView error={error} effect={t`How it is cannot be shown.`} onRetry={retry} />}
      {!isPending && ports && totals && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          {samples?.present && <SampleNote />}
          <Now troubles={troubles} live={live} next={next} />
          <Figures live={live} totals={totals} ports={ports} />
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <LiveMeetings live={live} />
            <div className="grid gap-4">
              <Checklist
                hasMeetings={count(totals) > (samples?.meetings ?? 0)}
                offersSample={samples?.present === false && count(totals) === 0}
                hasSource={Boolean(source?.url)}
                hasPeople={live.some(({ clients }) => clients > 0)}
                hasBackup={saved.length > 0}
              />
              <RecentEvents />
            </div>
          </div>
        </div>
      )}
    </>
  );
}
