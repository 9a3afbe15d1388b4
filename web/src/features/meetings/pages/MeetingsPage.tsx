// All meetings: a list, or a day as a strip.

import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useFormats } from '../../../lib/reader';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { Filters } from '../components/Filters';
import { MeetingTable } from '../components/MeetingTable';
import { Timeline } from '../components/Timeline';
import { useMeetings } from '../hooks';
import { STATE_NAMES, type Totals } from '../model';
import { toFilter, type MeetingsSearch } from '../search';

const route = getRouteApi('/meetings');

export function MeetingsPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (more: Partial<MeetingsSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true }),
    [navigate],
  );
  const filter = toFilter(search, useFormats());
  const found = useMeetings(filter, search.view === 'timeline');
  const query = new URLSearchParams(Object.entries(filter).map(([key, value]) => [key, String(value)]));
  return (
    <>
      <PageHead title={t`Meetings`} calls={[{ path: `/api/v1/meetings${query.size ? `?${query}` : ''}` }]} />
      <Filters search={search} totals={found.totals} onChange={change} />
      <Results search={search} found={found} onChange={change} />
    </>
  );
}

interface Props {
  search: MeetingsSearch;
  found: ReturnType<typeof useMeetings>;
  onChange: (search: Partial<MeetingsSearch>) => void;
}

/** How many rows the list has on all its pages. */
function count(totals: Totals, state: MeetingsSearch['state']): number {
  return (state ? [state] : STATE_NAMES).reduce((sum, name) => sum + totals[name], 0);
}

function Results({ search, found, onChange }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const { meetings, totals, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = found;
  if (error) return <ErrorView error={error} effect={t`The meetings cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the meetings…`} />;
  if (search.view === 'timeline') {
    const day = search.from ? Date.parse(formats.bounds(search.from).begins) : Date.now();
    return <Timeline meetings={meetings} day={day} onDay={(at) => onChange({ from: formats.iso(at), to: formats.iso(at) })} />;
  }
  if (meetings.length === 0 && !search.state && !search.q && !search.from) return <NoMeetings />;
  const total = totals && count(totals, search.state);
  return (
    <section className="jadval">
      {meetings.length > 0 && (
        <MeetingTable meetings={meetings} total={total} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />
      )}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {meetings.length === 0 && !isFetchingNextPage && <NothingFound title={t`No meeting is like that`} onClear={() => onChange({ q: undefined, state: undefined, from: undefined, to: undefined })} />}
    </section>
  );
}

function NoMeetings() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`There is no meeting yet`}>
        <Trans>
          Make one with “New meeting”, or let Dabir fetch them: set <bdi className="font-mono">[meetings.django] url</bdi> in{' '}
          <bdi className="font-mono">dabir.toml</bdi>.
        </Trans>
      </Empty>
    </section>
  );
}
