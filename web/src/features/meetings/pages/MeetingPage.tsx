// One meeting: how it does, who is there, what its room says; in the margin how to come in and where it comes from.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { PageHead } from '../../../ui/PageHead';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
import { oneMeeting } from '../api';
import { Actions } from '../components/Actions';
import { JoinBox } from '../components/JoinBox';
import { LogTail } from '../components/LogTail';
import { People } from '../components/People';
import { PlanNote } from '../components/PlanNote';
import { ProcessFacts } from '../components/ProcessFacts';
import { lastError, ReasonText } from '../components/ReasonText';
import { StateMark } from '../components/StateMark';
import { isLive, type Meeting, type MeetingDetail } from '../model';

const route = getRouteApi('/meetings/$id');

export function MeetingPage() {
  const { t } = useLingui();
  const { id } = route.useParams();
  const query = useQuery(oneMeeting(id));
  return (
    <>
      <Link to="/meetings" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All meetings</Trans>
      </Link>
      {query.data ? <Head meeting={query.data} /> : <PageHead title={t`Meeting`} calls={[{ path: `/api/v1/meetings/${id}` }]} />}
      <Answered query={query} reading={t`Reading the meeting…`} effect={t`The meeting cannot be shown.`}>
        {(meeting) => <Whole meeting={meeting} />}
      </Answered>
    </>
  );
}

function Whole({ meeting }: { meeting: MeetingDetail }) {
  const { t } = useLingui();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Failure meeting={meeting} />
        <Room meeting={meeting} />
        <People meeting={meeting} />
        <Panel title={t`Log of the room`}>
          <LogTail key={`${meeting.id} ${meeting.pid}`} id={meeting.id} />
        </Panel>
      </div>
      <aside className="grid gap-4">
        <Panel title={t`How people come in`}>
          <JoinBox url={meeting.join_url} />
        </Panel>
        <Panel title={t`What the supervisor does`}>
          <PlanNote id={meeting.id} />
        </Panel>
      </aside>
    </div>
  );
}

function Head({ meeting }: { meeting: Meeting }) {
  const path = `/api/v1/meetings/${meeting.id}`;
  const calls = [{ path }, { method: 'POST', path: `${path}/start` }, { method: 'POST', path: `${path}/extend`, body: { minutes: 30 } }] as const;
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <bdi>{meeting.name}</bdi>
      <StateMark state={meeting.state} />
    </span>
  );
  const note = (
    <Trans>
      <Time at={meeting.date_time} style="moment" /> to <Time at={meeting.end_time} style="clock" />
    </Trans>
  );
  return <PageHead title={meeting.name} heading={heading} note={note} tools={<Actions meeting={meeting} />} calls={calls} />;
}

function Failure({ meeting }: { meeting: Meeting }) {
  const reason = lastError(meeting);
  if (!reason) return null;
  const tone = meeting.state === 'failed' ? 'border-anar bg-anar-soft' : 'border-zaferan bg-zaferan-soft';
  return (
    <div role="note" className={`grid gap-1 rounded-md border px-4 py-3 ${tone}`}>
      <p className="font-bold">{meeting.state === 'failed' ? <Trans>Its room does not run.</Trans> : <Trans>Its room failed before.</Trans>}</p>
      <p>
        <ReasonText reason={reason} />
      </p>
      {meeting.state === 'failed' && (
        <p className="text-ink-2">
          <Trans>Put the cause right, then start it again.</Trans>
        </p>
      )}
    </div>
  );
}

function Room({ meeting }: { meeting: MeetingDetail }) {
  const { t } = useLingui();
  const formats = useFormats();
  return (
    <Panel title={t`Room`}>
      <Facts>
        <Fact name={t`Port`}>
          {meeting.port ? (
            <Link to="/ports" search={{ port: meeting.port }} className="text-lajvard hover:underline">
              <Mono>{meeting.port}</Mono>
            </Link>
          ) : (
            '—'
          )}
        </Fact>
        <Fact name={t`Process`}>{meeting.pid ? <Mono>{meeting.pid}</Mono> : '—'}</Fact>
        {meeting.process && <ProcessFacts process={meeting.process} />}
        <Fact name={t`Restarts`}>{formats.number(meeting.restarts)}</Fact>
        <Fact name={t`People`}>{isLive(meeting) ? formats.number(meeting.clients) : '—'}</Fact>
        <Fact name={t`Made by`}>{MAKERS[meeting.source]}</Fact>
        {meeting.external_id && (
          <Fact name={t`Its number there`}>
            <Mono>{meeting.external_id}</Mono>
          </Fact>
        )}
        <Fact name={t`Id`}>
          <Mono>{meeting.id}</Mono>
        </Fact>
      </Facts>
    </Panel>
  );
}

const MAKERS = { django: <Trans>Django</Trans>, local: <Trans>Dabir</Trans>, sample: <Trans>Sample data</Trans> };
