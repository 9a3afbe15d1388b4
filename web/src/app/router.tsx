// The addresses of the console. Each section's code comes when it is gone to.

import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect, type ErrorComponentProps } from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import { useLingui } from '@lingui/react/macro';
import * as v from 'valibot';
import { AuditSearch } from '../features/audit/search';
import { prefetchClient, prefetchClients } from '../features/clients/prefetch';
import { ClientsSearch } from '../features/clients/search';
import { prefetchPeople } from '../features/directory/prefetch';
import { DirectorySearch } from '../features/directory/search';
import { prefetchDocument, prefetchDocuments } from '../features/documents/prefetch';
import { DocumentSearch, DocumentsSearch } from '../features/documents/search';
import { prefetchFile, prefetchFiles } from '../features/files/prefetch';
import { FilesSearch } from '../features/files/search';
import { prefetchInbox } from '../features/inbox/prefetch';
import { InboxSearch } from '../features/inbox/search';
import { prefetchJobs } from '../features/jobs/prefetch';
import { JobsSearch, SchedulesSearch } from '../features/jobs/search';
import { MeetingsSearch } from '../features/meetings/search';
import { prefetchOverview } from '../features/overview/prefetch';
import { PortsSearch } from '../features/ports/search';
import { prefetchFound } from '../features/search/prefetch';
import { FindSearch } from '../features/search/search';
import { SettingsSearch } from '../features/settings/search';
import { prefetchSource, prefetchSources } from '../features/sync/prefetch';
import { SourceSearch, SyncSearch } from '../features/sync/search';
import { prefetchTask } from '../features/tasks/prefetch';
import { TasksSearch } from '../features/tasks/search';
import { UsersSearch } from '../features/users/search';
import { WebhookSearch, WebhooksSearch } from '../features/webhooks/search';
import { optional } from '../lib/search';
import type { User } from '../lib/user';
import { Waiting } from '../ui/Empty';
import { ErrorView } from '../ui/ErrorView';
import type { Line } from './live';
import { NotFound } from './NotFound';
import type { Session } from './session';
import { Shell } from './Shell';
import { withSystemWords, withWriteWords } from './words';

export interface Surroundings {
  client: QueryClient;
  line: Line;
  session: Session;
  user: User;
}

/** On every page: whether the panel for a new meeting is open over it. */
const RootSearch = v.object({ new: optional(v.literal('meeting')) });

const root = createRootRouteWithContext<Surroundings>()({ component: Shell, validateSearch: RootSearch, notFoundComponent: NotFound });

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  // Whoever only writes begins with what they are to do.
  beforeLoad: ({ context: { user } }) => {
    if (user.role === 'writer') throw redirect({ to: '/tasks', search: { view: 'mine' }, replace: true });
  },
  loader: ({ context: { client } }) => prefetchOverview(client),
  component: lazyRouteComponent(() => import('../features/overview/pages/OverviewPage'), 'OverviewPage'),
});

const meetings = createRoute({
  getParentRoute: () => root,
  path: '/meetings',
  validateSearch: MeetingsSearch,
  component: lazyRouteComponent(() => import('../features/meetings/pages/MeetingsPage'), 'MeetingsPage'),
});

const meeting = createRoute({
  getParentRoute: () => root,
  path: '/meetings/$id',
  component: lazyRouteComponent(() => import('../features/meetings/pages/MeetingPage'), 'MeetingPage'),
});

const clients = createRoute({
  getParentRoute: () => root,
  path: '/clients',
  validateSearch: ClientsSearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => prefetchClients(client, search),
  component: lazyRouteComponent(() => withSystemWords(import('../features/clients/pages/ClientsPage')), 'ClientsPage'),
});

const oneClient = createRoute({
  getParentRoute: () => root,
  path: '/clients/$username',
  loader: ({ context: { client }, params: { username } }) => prefetchClient(client, username),
  component: lazyRouteComponent(() => withSystemWords(import('../features/clients/pages/ClientPage')), 'ClientPage'),
});

const ports = createRoute({
  getParentRoute: () => root,
  path: '/ports',
  validateSearch: PortsSearch,
  component: lazyRouteComponent(() => import('../features/ports/pages/PortsPage'), 'PortsPage'),
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  validateSearch: InboxSearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => void prefetchInbox(client, search),
  component: lazyRouteComponent(() => withWriteWords(import('../features/inbox/pages/InboxPage')), 'InboxPage'),
});

const documents = createRoute({
  getParentRoute: () => root,
  path: '/documents',
  validateSearch: DocumentsSearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => prefetchDocuments(client, search),
  component: lazyRouteComponent(() => withWriteWords(import('../features/documents/pages/DocumentsPage')), 'DocumentsPage'),
});

const oneDocument = createRoute({
  getParentRoute: () => root,
  path: '/documents/$id',
  validateSearch: DocumentSearch,
  loader: ({ context: { client }, params: { id } }) => prefetchDocument(client, id),
  component: lazyRouteComponent(() => withWriteWords(import('../features/documents/pages/DocumentPage')), 'DocumentPage'),
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: '/tasks',
  validateSearch: TasksSearch,
  component: lazyRouteComponent(() => withWriteWords(import('../features/tasks/pages/TasksPage')), 'TasksPage'),
});

const task = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$id',
  loader: ({ context: { client }, params: { id } }) => prefetchTask(client, id),
  component: lazyRouteComponent(() => withWriteWords(import('../features/tasks/pages/TaskPage')), 'TaskPage'),
});

const files = createRoute({
  getParentRoute: () => root,
  path: '/files',
  validateSearch: FilesSearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => prefetchFiles(client, search),
  component: lazyRouteComponent(() => withWriteWords(import('../features/files/pages/FilesPage')), 'FilesPage'),
});

const file = createRoute({
  getParentRoute: () => root,
  path: '/files/$id',
  loader: ({ context: { client }, params: { id } }) => prefetchFile(client, id),
  component: lazyRouteComponent(() => withWriteWords(import('../features/files/pages/FilePage')), 'FilePage'),
});

const search = createRoute({
  getParentRoute: () => root,
  path: '/search',
  validateSearch: FindSearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => prefetchFound(client, search),
  component: lazyRouteComponent(() => withWriteWords(import('../features/search/pages/SearchPage')), 'SearchPage'),
});

const sync = createRoute({
  getParentRoute: () => root,
  path: '/sync',
  validateSearch: SyncSearch,
  loader: ({ context: { client } }) => prefetchSources(client),
  component: lazyRouteComponent(() => withSystemWords(import('../features/sync/pages/SyncPage')), 'SyncPage'),
});

const source = createRoute({
  getParentRoute: () => root,
  path: '/sync/$name',
  validateSearch: SourceSearch,
  loader: ({ context: { client }, params: { name } }) => prefetchSource(client, name),
  component: lazyRouteComponent(() => withSystemWords(import('../features/sync/pages/SourcePage')), 'SourcePage'),
});

const directory = createRoute({
  getParentRoute: () => root,
  path: '/directory',
  validateSearch: DirectorySearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => prefetchPeople(client, search),
  component: lazyRouteComponent(() => withSystemWords(import('../features/directory/pages/DirectoryPage')), 'DirectoryPage'),
});

const person = createRoute({
  getParentRoute: () => root,
  path: '/directory/$directory/$key',
  component: lazyRouteComponent(() => withSystemWords(import('../features/directory/pages/PersonPage')), 'PersonPage'),
});

const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/webhooks',
  validateSearch: WebhooksSearch,
  component: lazyRouteComponent(() => withSystemWords(import('../features/webhooks/pages/WebhooksPage')), 'WebhooksPage'),
});

const webhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/$id',
  validateSearch: WebhookSearch,
  component: lazyRouteComponent(() => withSystemWords(import('../features/webhooks/pages/WebhookPage')), 'WebhookPage'),
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  validateSearch: JobsSearch,
  loaderDeps: ({ search }) => ({ search }),
  loader: ({ context: { client }, deps: { search } }) => prefetchJobs(client, search),
  component: lazyRouteComponent(() => withSystemWords(import('../features/jobs/pages/JobsPage')), 'JobsPage'),
});

const job = createRoute({
  getParentRoute: () => root,
  path: '/jobs/$id',
  component: lazyRouteComponent(() => withSystemWords(import('../features/jobs/pages/JobPage')), 'JobPage'),
});

const schedules = createRoute({
  getParentRoute: () => root,
  path: '/schedules',
  validateSearch: SchedulesSearch,
  component: lazyRouteComponent(() => withSystemWords(import('../features/jobs/pages/SchedulesPage')), 'SchedulesPage'),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: UsersSearch,
  component: lazyRouteComponent(() => withSystemWords(import('../features/users/pages/UsersPage')), 'UsersPage'),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: AuditSearch,
  component: lazyRouteComponent(() => withSystemWords(import('../features/audit/pages/AuditPage')), 'AuditPage'),
});

const backups = createRoute({
  getParentRoute: () => root,
  path: '/backups',
  component: lazyRouteComponent(() => withSystemWords(import('../features/backups/pages/BackupsPage')), 'BackupsPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: SettingsSearch,
  component: lazyRouteComponent(() => withSystemWords(import('../features/settings/pages/SettingsPage')), 'SettingsPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  // Where mails lead.
  beforeLoad: ({ location }) => {
    if (location.hash === 'notifications') throw redirect({ to: '/account/notifications', replace: true });
  },
  component: lazyRouteComponent(() => withSystemWords(import('../features/account/pages/AccountPage')), 'AccountPage'),
});

const notifications = createRoute({
  getParentRoute: () => root,
  path: '/account/notifications',
  component: lazyRouteComponent(() => withSystemWords(import('../features/notifications/pages/NotificationsPage')), 'NotificationsPage'),
});

const routeTree = root.addChildren([overview, meetings, meeting, clients, oneClient, ports, inbox, documents, oneDocument, tasks, task, files, file, search, sync, source, directory, person, webhooks, webhook, jobs, job, schedules, users, audit, backups, settings, account, notifications]);

/** The frame is drawn at once when one comes; later, the page that one is on stays until the next one is there. */
const COMING = { first: 0, later: 1_000 };

export function makeRouter(context: Surroundings) {
  const router = createRouter({
    routeTree,
    context,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: PageError,
    defaultPendingComponent: Coming,
    defaultPendingMs: COMING.first,
    defaultPendingMinMs: 0,
  });
  const stop = router.subscribe('onResolved', () => {
    router.options.defaultPendingMs = COMING.later;
    stop();
  });
  return router;
}

function Coming() {
  const { t } = useLingui();
  return <Waiting label={t`Opening the page…`} />;
}

function PageError({ error, reset }: ErrorComponentProps) {
  const { t } = useLingui();
  return <ErrorView error={error} effect={t`This page cannot be shown.`} onRetry={reset} />;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
