// Says on every page when a sync failed, works again or is late, to those who can do something about it.

import { useLingui } from '@lingui/react/macro';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { LiveEvent } from '../api/events';
import { isolate, isolateLtr } from '../lib/bidi';
import { useFresh } from '../lib/events';
import { NAMES } from '../lib/sources';
import { useMayRun } from '../lib/user';
import { report } from '../ui/Toast';

type SyncChanged = Extract<LiveEvent, { type: 'sync_changed' }>;

export function SyncNews() {
  const say = useSaying();
  const mayRun = useMayRun();
  const fresh = useFresh();
  useEffect(() => {
    if (mayRun) fresh.forEach(({ event }) => event.type === 'sync_changed' && say(event));
    // Said once for each that came, however often the page is drawn.
  }, [fresh]);
  return null;
}

function useSaying(): (event: SyncChanged) => void {
  const { t } = useLingui();
  const router = useRouter();
  return ({ source, status, detail }) => {
    const word = NAMES[source];
    const name = isolate(word ? t(word) : source);
    const show = () => void router.navigate({ to: '/sync/$name', params: { name: source } });
    if (status === 'failed') report('bad', `${t`The sync of ${name} failed.`}\n${isolateLtr(detail)}`, show);
    if (status === 'late') report('warn', t`The data of ${name} is late.`, show);
    if (status === 'recovered') report('live', t`The sync of ${name} works again.`, show);
  };
}
