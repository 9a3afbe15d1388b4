// All meetings: a list, or a day as a strip.

import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useFormats } from '../../../lib/reader';
import { Button } from '../../../ui/Button';
import { Empty, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { Filters } from '../components/Filters';
import { MeetingTable } from '../components/MeetingTable';
import { Timeline } from '../components/Timeline';
import { useMeetings } from '../hooks';
import { needsAll, select, type MeetingsSearch } from '../search';

const route = getRouteApi('/meetings');

export function MeetingsPage() {
  const { t } = useLingui();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (more: Partial<MeetingsSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true }),
    [navigate],
  );
  const state = search.view === 'timeline' ? undefined : search.state;
  return (
    <>
      <PageHead title={t`Meetings`} calls={[{ path: `/api/v1/meetings${state ? `?state=${state}` : ''}` }]} />
      <Filters search={search} onChange={change} />
      <Results search={{ ...search, state }} onChange={change} />
    </>
  );
}

interface Props {
  search: MeetingsSearch;
  onChange: (search: Partial<MeetingsSearch>) => void;
}

function Results({ search, onChange }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const { meetings, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useMeetings(search.state, needsAll(search));
  const shown = select(meetings, search.view === 'timeline' ? { q: search.q } : search, formats);
  if (error) return <ErrorView error={error} effect={t`The meetings cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the meetings…`} />;
  if (meetings.length === 0 && !search.state) return <NoMeetings />;
  if (search.view === 'timeline') {
    const day = search.from ? Date.parse(`${search.from}T12:00:00Z`) : Date.now();
    return <Timeline meetings={shown} day={day} onDay={(at) => onChange({ from: formats.iso(at), to: formats.iso(at) })} />;
  }
  return (
    <section className="jadval">
      {shown.length > 0 && <MeetingTable meetings={shown} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {shown.length === 0 && !isFetchingNextPage && <NothingFound onClear={() => onChange({ q: undefined, state: undefined, from: undefined, to: undefined })} />}
    </section>
  );
}

function NothingFound({ onClear }: { onClear: () => void }) {
  const { t } = useLingui();
  const action = (
    <Button onPress={onClear}>
      <Trans>Show all</Trans>
    </Button>
  );
  return <Empty title={t`No meeting is like that`} action={action} />;
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
