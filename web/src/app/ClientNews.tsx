// Says on every page what others order about clients, and who is lost, to those who wished to be told.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { LiveEvent } from '../api/events';
import { useWantedNews, type News } from '../features/account/news';
import { isMeeting, isOtherProgram, meetingAt } from '../features/clients/places';
import { isolate } from '../lib/bidi';
import { useFresh } from '../lib/events';
import { useUser } from '../lib/user';
import { report } from '../ui/Toast';

type Of<Type> = Extract<LiveEvent, { type: Type }>;
type Ordered = Exclude<News, 'lost' | 'many_lost'>;

/** So many at once are hardly the fault of each of them. */
const MANY = 5;

export function ClientNews() {
  const order = useOrder();
  const lost = useLost();
  const { name } = useUser();
  const wanted: readonly string[] = useWantedNews();
  const fresh = useFresh();
  useEffect(() => {
    fresh.forEach(({ event }) => {
      // What one orders oneself was said already.
      if (event.type === 'clients_ordered' && event.by !== name && wanted.includes(event.order)) order(event);
      if (event.type === 'clients_lost' && wanted.includes(event.others + 1 < MANY ? 'lost' : 'many_lost')) void lost(event);
    });
    // Said once for each that came, however often the page is drawn.
  }, [fresh]);
  return null;
}

function useOrder(): (event: Of<'clients_ordered'>) => void {
  const { t } = useLingui();
  const show = useShow();
  return (event) => {
    const [name, by] = [isolate(event.username), isolate(event.by)];
    const words: Record<Ordered, string> = {
      blocked: t`${by} blocked “${name}”.`,
      unblocked: t`${by} unblocked “${name}”.`,
      paused: t`${by} paused “${name}”.`,
      disconnected: t`${by} disconnected “${name}”.`,
    };
    const { order, others, reason } = event;
    const more = others > 0 && plural(others, { one: 'and # more with them', other: 'and # more with them' });
    report('live', [words[order as Ordered], more, reason && isolate(reason)].filter(Boolean).join('\n'), () => show(event));
  };
}

/** The newest of these stands alone: they come again and again while a line is bad. */
function useLost(): (event: Of<'clients_lost'>) => Promise<void> {
  const { t } = useLingui();
  const show = useShow();
  const nameOf = useRoomName();
  const close = useRef<() => void>(() => undefined);
  return async (event) => {
    const room = await nameOf(event.room);
    const [name, count] = [isolate(event.username), event.others + 1];
    const words = event.others > 0 ? plural(count, { one: '# client lost the connection.', other: '# clients lost the connection.' }) : t`“${name}” lost the connection.`;
    close.current();
    close.current = report('warn', [words, room && isolate(room)].filter(Boolean).join('\n'), () => show(event));
  };
}

/** A meeting is known by its name; what cannot be asked for has none. */
function useRoomName(): (room: string) => Promise<string> {
  const client = useQueryClient();
  return async (room) => {
    if (isOtherProgram(room)) return '';
    if (!isMeeting(room)) return room;
    const meeting = await client.fetchQuery(meetingAt(room)).catch(() => null);
    return meeting?.name ?? '';
  };
}

function useShow() {
  const router = useRouter();
  return ({ type, others, username }: Of<'clients_ordered' | 'clients_lost'>) => {
    if (others === 0) return void router.navigate({ to: '/clients/$username', params: { username } });
    return void router.navigate({ to: '/clients', search: type === 'clients_lost' ? { state: 'connection_error' } : {} });
  };
}
