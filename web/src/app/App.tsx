// The console: its data, its line to the server, and its pages, for the one who is signed in.

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { renewAccess } from '../api/client';
import { Problem } from '../api/problem';
import { me } from '../features/account/api';
import { followAudit } from '../features/audit/live';
import { followBackups } from '../features/backups/live';
import { followClients } from '../features/clients/live';
import { followDocuments } from '../features/documents/live';
import { followFiles } from '../features/files/live';
import { followInbox } from '../features/inbox/live';
import { followJobs } from '../features/jobs/live';
import { followMeetings } from '../features/meetings/live';
import { followPorts } from '../features/ports/live';
import { followFound } from '../features/search/live';
import { followSessions } from '../features/sessions/live';
import { followSettings } from '../features/settings/live';
import { followSync } from '../features/sync/live';
import { followTasks } from '../features/tasks/live';
import { followTokens } from '../features/tokens/live';
import { followPeople } from '../features/users/live';
import { followWebhooks } from '../features/webhooks/live';
import { EventsProvider, Events } from '../lib/events';
import { UserProvider, type User } from '../lib/user';
import { Follow } from './Follow';
import { Line } from './live';
import { makeRouter } from './router';
import { Session } from './session';

const FOLLOWERS = [followAudit, followBackups, followClients, followDocuments, followFiles, followFound, followInbox, followJobs, followMeetings, followPeople, followPorts, followSessions, followSettings, followSync, followTasks, followTokens, followWebhooks];

const TRIES = 3;
/** When the line ends with the session, whether there is a new one is known a moment later. */
const ASK_MS = 200;

export function App({ user }: { user: User }) {
  const { client, line, events, router } = useState(() => makeConsole(user))[0];
  useEffect(() => {
    line.open();
    return line.close;
  }, [line]);
  return (
    <QueryClientProvider client={client}>
      <UserProvider value={user}>
        <EventsProvider value={events}>
          <RouterProvider router={router} />
          <Follow />
        </EventsProvider>
      </UserProvider>
    </QueryClientProvider>
  );
}

function makeConsole(user: User) {
  const session = new Session();
  const client = makeClient(session);
  const events = new Events();
  const followers = FOLLOWERS.map((follow) => follow(client));
  const line = new Line({
    event: (happened) => {
      events.add(happened);
      followers.forEach((follow) => follow(happened.event));
    },
    reset: () => void client.invalidateQueries(),
    broke: () => void window.setTimeout(() => void client.fetchQuery({ ...me(), staleTime: 0 }).catch(() => undefined), ASK_MS),
    renew: () => renewAccess().catch(() => false),
  });
  // Who is signed out is told nothing more; who came back reads everything anew.
  session.watch(() => {
    if (session.ended) return line.close();
    line.open();
    void client.invalidateQueries();
  });
  return { client, line, events, router: makeRouter({ client, line, session, user }) };
}

function makeClient(session: Session): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: session.see }),
    mutationCache: new MutationCache({ onError: session.see }),
    defaultOptions: {
      // The line says when something changed; a look from time to time is for what it does not tell.
      queries: {
        staleTime: 30_000,
        networkMode: 'always',
        retry: (failures, error) => error instanceof Problem && error.passing && failures < TRIES,
      },
      // Some answers are links and tokens that are shown once.
      mutations: { networkMode: 'always', gcTime: 0 },
    },
  });
}
