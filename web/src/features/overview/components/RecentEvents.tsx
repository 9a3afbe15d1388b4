// What happened last, and what happens now.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Happened, LiveEvent } from '../../../api/events';
import { newest, useLiveEvents } from '../../../lib/events';
import { Panel } from '../../../ui/Panel';
import { SourceName } from '../../../ui/SourceName';
import { Mono, Time } from '../../../ui/Text';
import { isMeeting, isOtherProgram, meetingAt } from '../../clients/places';
import { STATES, type MeetingState } from '../../meetings/model';
import { recentEvents } from '../api';

const SHOWN = 10;

export function RecentEvents() {
  const { t } = useLingui();
  const events = newest(useLiveEvents(), useQuery(recentEvents()).data ?? []);
  return (
    <Panel title={t`Recent events`}>
      {events.length === 0 && (
        <p className="text-ink-2">
          <Trans>What happens from now on appears here at once.</Trans>
        </p>
      )}
      <ol>
        {events.slice(0, SHOWN).map((happened) => (
          <Row key={happened.number} happened={happened} />
        ))}
      </ol>
    </Panel>
  );
}

function Row({ happened: { at, event } }: { happened: Happened }) {
  return (
    <li className="grid grid-cols-[auto_1fr] gap-3 border-t border-dashed border-line py-1.5 first:border-t-0">
      <span className="text-sm leading-[inherit] text-ink-3">
        <Time at={at} />
      </span>
      <span className="min-w-0 wrap-anywhere">
        <Words event={event} />
      </span>
    </li>
  );
}

function Words({ event }: { event: LiveEvent }): ReactNode {
  const { t } = useLingui();
  switch (event.type) {
    case 'meeting_changed': {
      const state = STATES[event.state as MeetingState];
      return (
        <>
          <MeetingName {...event} />: {state ? t(state.word) : <bdi>{event.state}</bdi>}
        </>
      );
    }
    case 'meeting_removed':
      return (
        <Trans>
          “<bdi>{event.name}</bdi>” was removed
        </Trans>
      );
    case 'participants_changed':
      return (
        <Trans>
          <MeetingName {...event} />: <Plural value={event.clients} one="# person" other="# people" />
        </Trans>
      );
    case 'port_picked':
      return (
        <Trans>
          Port <Mono>{event.port}</Mono> went to <bdi>{event.owner}</bdi>
        </Trans>
      );
    case 'port_released':
      return (
        <Trans>
          Port <Mono>{event.port}</Mono> is free again
        </Trans>
      );
    case 'source_changed':
      return event.ok ? (
        <Trans>
          The source <bdi>{event.source}</bdi> answers again
        </Trans>
      ) : (
        <Trans>
          The source <bdi>{event.source}</bdi> does not answer: <bdi lang="en">{event.detail}</bdi>
        </Trans>
      );
    case 'clients_ordered':
      return <Ordered {...event} />;
    case 'clients_lost':
      return <Lost {...event} />;
    case 'backup_changed':
      return <BackedUp {...event} />;
    case 'sync_changed':
      return <Synced {...event} />;
  }
}

function Ordered({ order, username, others, by }: { order: string; username: string; others: number; by: string }) {
  const name = (
    <Link to="/clients/$username" params={{ username }} className="font-semibold hover:underline">
      <bdi>{username}</bdi>
    </Link>
  );
  const words: Record<string, ReactNode> = {
    paused: <Trans>{name} was paused</Trans>,
    resumed: <Trans>{name} may take part again</Trans>,
    blocked: <Trans>{name} was blocked</Trans>,
    unblocked: <Trans>{name} is not blocked any more</Trans>,
    disconnected: <Trans>{name} was disconnected</Trans>,
  };
  return (
    <>
      {words[order] ?? name}
      {others > 0 && (
        <>
          {' '}
          <Plural value={others} one="and # more with them" other="and # more with them" />
        </>
      )}
      {by && (
        <>
          {' '}
          <Trans>
            (by <bdi>{by}</bdi>)
          </Trans>
        </>
      )}
    </>
  );
}

function Lost({ username, others, room }: { username: string; others: number; room: string }) {
  const name = (
    <Link to="/clients/$username" params={{ username }} className="font-semibold hover:underline">
      <bdi>{username}</bdi>
    </Link>
  );
  return (
    <>
      {others > 0 ? (
        <Trans>
          {name} and <Plural value={others} one="# more lost the connection" other="# more lost the connection" />
        </Trans>
      ) : (
        <Trans>{name} lost the connection</Trans>
      )}
      {room && !isOtherProgram(room) && <Room room={room} />}
    </>
  );
}

function Room({ room }: { room: string }) {
  const { data } = useQuery(meetingAt(room));
  const name = isMeeting(room) ? data?.name : room;
  return name && <span className="text-ink-2"> · <bdi>{name}</bdi></span>;
}

function BackedUp({ name, status, detail }: { name: string; status: string; detail: string }) {
  switch (status) {
    case 'made':
      return (
        <Trans>
          The backup <Mono>{name}</Mono> is made and verified
        </Trans>
      );
    case 'verified':
      return (
        <Trans>
          The backup <Mono>{name}</Mono> is whole
        </Trans>
      );
    default:
      return (
        <Trans>
          A backup failed: <bdi lang="en">{detail}</bdi>
        </Trans>
      );
  }
}

function Synced({ source, status, detail }: { source: string; status: string; detail: string }) {
  const name = (
    <Link to="/sync/$name" params={{ name: source }} className="font-semibold hover:underline">
      <SourceName name={source} />
    </Link>
  );
  switch (status) {
    case 'success':
      return <Trans>{name} is synced</Trans>;
    case 'cancelled':
      return <Trans>The sync of {name} was cancelled</Trans>;
    case 'recovered':
      return <Trans>{name} comes again</Trans>;
    case 'late':
      return <Trans>{name} is late</Trans>;
    default:
      return (
        <Trans>
          The sync of {name} failed: <bdi lang="en">{detail}</bdi>
        </Trans>
      );
  }
}

function MeetingName({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/meetings/$id" params={{ id }} className="font-semibold hover:underline">
      <bdi>{name}</bdi>
    </Link>
  );
}
