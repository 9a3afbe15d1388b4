// The places of the console, in the order of its menu, and who may see them.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Archive, BookUser, CalendarClock, DatabaseBackup, Files, FileText, Gauge, Inbox, ListChecks, ListTodo, Network, Repeat, ScrollText, SlidersHorizontal, UserRoundCheck, Users, Webhook, type LucideIcon } from 'lucide-react';
import type { Role } from '../lib/user';

export interface Section {
  path: '/' | '/meetings' | '/clients' | '/ports' | '/inbox' | '/documents' | '/tasks' | '/files' | '/sync' | '/directory' | '/webhooks' | '/jobs' | '/schedules' | '/users' | '/audit' | '/backups' | '/settings';
  name: MessageDescriptor;
  icon: LucideIcon;
  roles: readonly Role[];
}

interface Group {
  name: MessageDescriptor;
  sections: readonly Section[];
}

const WATCHERS: readonly Role[] = ['auditor', 'operator', 'admin'];

/** Auditors read what the others write. */
const WRITERS: readonly Role[] = ['writer', ...WATCHERS];

const GROUPS: readonly Group[] = [
  {
    name: msg`Operate`,
    sections: [
      { path: '/', name: msg`Overview`, icon: Gauge, roles: WATCHERS },
      { path: '/meetings', name: msg`Meetings`, icon: CalendarClock, roles: WATCHERS },
      { path: '/clients', name: msg`Clients`, icon: UserRoundCheck, roles: WATCHERS },
      { path: '/ports', name: msg`Ports`, icon: Network, roles: WATCHERS },
    ],
  },
  {
    name: msg`Write`,
    sections: [
      { path: '/inbox', name: msg`Inbox`, icon: Inbox, roles: WRITERS },
      { path: '/documents', name: msg`Documents`, icon: FileText, roles: WRITERS },
      { path: '/tasks', name: msg`Tasks`, icon: ListTodo, roles: WRITERS },
      { path: '/files', name: msg`Files`, icon: Files, roles: WRITERS },
    ],
  },
  {
    name: msg`Data`,
    sections: [
      { path: '/sync', name: msg`Sync`, icon: DatabaseBackup, roles: WATCHERS },
      { path: '/directory', name: msg`Directory`, icon: BookUser, roles: WATCHERS },
      { path: '/webhooks', name: msg`Webhooks`, icon: Webhook, roles: WATCHERS },
    ],
  },
  {
    name: msg`System`,
    sections: [
      { path: '/jobs', name: msg`Background jobs`, icon: ListChecks, roles: WATCHERS },
      { path: '/schedules', name: msg`Schedules`, icon: Repeat, roles: WATCHERS },
      { path: '/users', name: msg`Users`, icon: Users, roles: ['auditor', 'admin'] },
      { path: '/audit', name: msg`Audit`, icon: ScrollText, roles: ['auditor', 'admin'] },
      { path: '/backups', name: msg`Backups`, icon: Archive, roles: ['admin'] },
      { path: '/settings', name: msg`Settings`, icon: SlidersHorizontal, roles: WATCHERS },
    ],
  },
];

/** What one role sees; groups without a section for it are left out. */
export function sectionsFor(role: Role): readonly Group[] {
  return GROUPS.map((group) => ({ ...group, sections: group.sections.filter(({ roles }) => roles.includes(role)) })).filter(
    ({ sections }) => sections.length > 0,
  );
}
