// Says on every page what others order about clients, to those who wished to be told.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { LiveEvent } from '../api/events';
import { isolate } from '../lib/bidi';
import { useFresh } from '../lib/events';
import { wantedNews, type Ordered } from '../lib/news';
import { useUser } from '../lib/user';
import { report } from '../ui/Toast';

type ClientsOrdered = Extract<LiveEvent, { type: 'clients_ordered' }>;

export function ClientNews() {
  const say = useSaying();
  const { name } = useUser();
  const fresh = useFresh();
  useEffect(() => {
    const wanted: readonly string[] = wantedNews();
    // What one orders oneself was said already.
    fresh.forEach(({ event }) => event.type === 'clients_ordered' && event.by !== name && wanted.includes(event.order) && say(event));
    // Said once for each that came, however often the page is drawn.
  }, [fresh]);
  return null;
}

function useSaying(): (event: ClientsOrdered) => void {
  const { t } = useLingui();
  const router = useRouter();
  return ({ order, username, others, reason, by: who }) => {
    const [name, by] = [isolate(username), isolate(who)];
    const words: Record<Ordered, string> = {
      blocked: t`${by} blocked “${name}”.`,
      unblocked: t`${by} unblocked “${name}”.`,
      paused: t`${by} paused “${name}”.`,
      disconnected: t`${by} disconnected “${name}”.`,
    };
    const more = others > 0 && plural(others, { one: 'and # more with them', other: 'and # more with them' });
    const show = () => void router.navigate(others > 0 ? { to: '/clients' } : { to: '/clients/$username', params: { username } });
    report('live', [words[order as Ordered], more, reason && isolate(reason)].filter(Boolean).join('\n'), show);
  };
}
