// What happened since the page was opened, as it happens.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { LiveEvent } from '../../../api/events';
import { useRecentEvents, type Happened } from '../../../lib/events';
import { Panel } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
import { STATES, type MeetingState } from '../../meetings/model';

const SHOWN = 10;

/** The name of a meeting by its id, as far as it is known. */
export type NameOf = (id: string) => string | undefined;

export function RecentEvents({ nameOf }: { nameOf: NameOf }) {
  const { t } = useLingui();
  const events = useRecentEvents();
  return (
    <Panel title={t`Recent events`}>
      {events.length === 0 && (
        <p className="text-ink-2">
          <Trans>What happens from now on appears here at once.</Trans>
        </p>
      )}
      <ol>
        {events.slice(0, SHOWN).map((happened) => (
          <Row key={happened.number} happened={happened} nameOf={nameOf} />
        ))}
      </ol>
    </Panel>
  );
}

function Row({ happened: { at, event }, nameOf }: { happened: Happened; nameOf: NameOf }) {
  return (
    <li className="grid grid-cols-[auto_1fr] gap-3 border-t border-dashed border-line py-1.5 first:border-t-0">
      <span className="text-sm leading-[inherit] text-ink-3">
        <Time at={at} style="clock" />
      </span>
      <span className="min-w-0 wrap-anywhere">
        <Words event={event} nameOf={nameOf} />
      </span>
    </li>
  );
}

function Words({ event, nameOf }: { event: LiveEvent; nameOf: NameOf }): ReactNode {
  const { t } = useLingui();
  switch (event.type) {
    case 'meeting_changed': {
      const state = STATES[event.state as MeetingState];
      return (
        <>
          <MeetingName id={event.id} nameOf={nameOf} />: {state ? t(state.word) : <bdi>{event.state}</bdi>}
        </>
      );
    }
    case 'meeting_removed':
      return (
        <Trans>
          Meeting <Mono>{event.id}</Mono> was removed
        </Trans>
      );
    case 'participants_changed':
      return (
        <Trans>
          <MeetingName id={event.id} nameOf={nameOf} />: <Plural value={event.clients} one="# person" other="# people" />
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
  }
}

function MeetingName({ id, nameOf }: { id: string; nameOf: NameOf }) {
  return (
    <Link to="/meetings/$id" params={{ id }} className="font-semibold hover:underline">
      <bdi>{nameOf(id) ?? id}</bdi>
    </Link>
  );
}
