// Everything that the overview is made of, in one place.

import { useQuery } from '@tanstack/react-query';
import { Problem } from '../../api/problem';
import { problems } from '../clients/api';
import { nextMeeting, source as sourceOfMeetings } from '../meetings/api';
import { isLive, type Meeting, type MeetingState } from '../meetings/model';
import { portsState } from '../ports/api';
import { listSources, type Source } from '../sync/api';
import { meetingsToCareFor, readiness } from './api';
import { judge } from './judge';

const NONE: readonly Meeting[] = [];
const NO_DATA: readonly Source[] = [];
/** What may need somebody comes before what goes its way. */
const ORDER: readonly MeetingState[] = ['starting', 'held', 'running'];

export function useOverview() {
  const ready = useQuery(readiness());
  const care = useQuery(meetingsToCareFor());
  const next = useQuery(nextMeeting());
  const ports = useQuery(portsState());
  const source = useQuery(sourceOfMeetings()).data?.source;
  const data = useQuery(listSources()).data ?? NO_DATA;
  const clients = useQuery(problems()).data?.items.length ?? 0;
  const meetings = care.data?.items ?? NONE;
  const held = meetings.filter(({ state }) => state === 'held');
  const failed = meetings.filter(({ state }) => state === 'failed');
  const seen = { ready: ready.error instanceof Problem ? ready.error : null, failed, held, source, ports: ports.data, data, clients };
  return {
    live: meetings.filter(isLive).sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)),
    next: next.data?.items[0] ?? null,
    totals: next.data?.totals,
    ports: ports.data,
    source,
    troubles: judge(seen, Date.now()),
    error: care.error ?? next.error ?? ports.error,
    isPending: care.isPending || next.isPending || ports.isPending,
    retry: () => void Promise.all([care.refetch(), next.refetch(), ports.refetch()]),
  };
}
