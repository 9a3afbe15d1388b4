// How clients, their states and their places are called.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Status } from '../../../ui/Status';
import type { Client, ClientEvent, ClientState } from '../api';
import { HAPPENED, SOURCES, STATES } from '../model';
import { isOtherProgram, meetingAt } from '../places';

export function StateMark({ state }: { state: ClientState }) {
  const { t } = useLingui();
  const { tone, word } = STATES[state];
  return <Status tone={tone}>{t(word)}</Status>;
}

export function HappeningMark({ event: { kind } }: { event: ClientEvent }) {
  const { t } = useLingui();
  const known = HAPPENED[kind];
  return <Status tone={known?.tone ?? 'over'}>{known ? t(known.word) : <bdi>{kind}</bdi>}</Status>;
}

export function SourceWord({ source }: { source: Client['source'] }) {
  const { t } = useLingui();
  return source ? t(SOURCES[source]) : <Trans>not on the list</Trans>;
}

/** A room by the name of its meeting where it has one; `isLink` leads there. */
export function PlaceName({ place, isLink = false }: { place: string; isLink?: boolean }) {
  const { data } = useQuery(meetingAt(place));
  if (isOtherProgram(place)) return <Trans>another program</Trans>;
  if (!data || !isLink) return <bdi>{data?.name ?? place}</bdi>;
  return (
    <Link to="/meetings/$id" params={{ id: place }} className="text-lajvard underline">
      <bdi>{data.name}</bdi>
    </Link>
  );
}
