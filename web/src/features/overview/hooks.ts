// Everything that the overview is made of, in one place.

import { useQuery } from '@tanstack/react-query';
import { Problem } from '../../api/problem';
import { meetingsIn, plan } from '../meetings/api';
import type { Meeting } from '../meetings/model';
import { portsState } from '../ports/api';
import { readiness } from './api';
import { judge } from './judge';

const NONE: readonly Meeting[] = [];

export function useOverview() {
  const ready = useQuery(readiness());
  const [running, starting, held, failed, scheduled] = [
    useQuery(meetingsIn('running')),
    useQuery(meetingsIn('starting')),
    useQuery(meetingsIn('held')),
    useQuery(meetingsIn('failed')),
    useQuery(meetingsIn('scheduled')),
  ];
  const ports = useQuery(portsState());
  const source = useQuery(plan()).data?.source;
  const heldNow = held.data?.items ?? NONE;
  const seen = { ready: ready.error instanceof Problem ? ready.error : null, failed: failed.data?.items ?? NONE, held: heldNow, source, ports: ports.data };
  return {
    live: [...(starting.data?.items ?? NONE), ...heldNow, ...(running.data?.items ?? NONE)],
    scheduled: scheduled.data?.items ?? NONE,
    ports: ports.data,
    source,
    troubles: judge(seen, Date.now()),
    error: running.error ?? ports.error,
    isPending: running.isPending || scheduled.isPending || ports.isPending,
    retry: () => void Promise.all([running.refetch(), ports.refetch()]),
  };
}
