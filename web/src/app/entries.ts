// What the palette offers besides what search finds: every place and command, the newest meetings and people.

import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { CalendarClock, CircleUserRound, Languages, Moon, Network, Plus, Search, UserPlus, UserRound, type LucideIcon } from 'lucide-react';
import { findMeetings } from '../features/meetings/api';
import { findPeople } from '../features/users/api';
import { holds } from '../lib/collate';
import { readWhole } from '../lib/digits';
import { usePreferences } from '../lib/reader';
import { useIsAdmin, useMayRun, useMaySeePeople, useUser } from '../lib/user';
import { sectionsFor } from './sections';

/** As many meetings, and as many people, so that neither hides the other. */
const SHARE = 8;

export interface Entry {
  id: string;
  text: string;
  /** What it is found by besides. */
  also?: string;
  icon: LucideIcon;
  run: () => void;
}

/** What is called like `text`; the server is asked for what it was when the typing rested. */
export function useEntries(text: string, rested: string, onAppearance: () => void): readonly Entry[] {
  const fitting = (known: Entry[]) => known.filter((entry) => holds(`${entry.text} ${entry.also ?? ''}`, text));
  const [commands, people, meetings] = [fitting(useCommands(onAppearance)), fitting(usePeople(rested)), fitting(useMeetings(rested))];
  return [...usePort(text), ...commands, ...people.slice(0, SHARE), ...meetings.slice(0, SHARE)];
}

/** A number may be a port. */
function usePort(text: string): Entry[] {
  const { t } = useLingui();
  const router = useRouter();
  const port = readWhole(text);
  if (port === null || port < 1 || port > 65_535) return [];
  const run = () => void router.navigate({ to: '/ports', search: { port } });
  return [{ id: 'port', text: t`Port ${String(port)}`, icon: Network, run }];
}

function useCommands(onAppearance: () => void): Entry[] {
  const { t } = useLingui();
  const router = useRouter();
  const { role } = useUser();
  const mayRun = useMayRun();
  const isAdmin = useIsAdmin();
  const { preferences, choose } = usePreferences();
  const places = sectionsFor(role).flatMap(({ sections }) => sections);
  const other = preferences.lang === 'fa' ? 'en' : 'fa';
  const dark = getComputedStyle(document.documentElement).colorScheme === 'dark';
  return [
    ...places.map(({ path, name, icon }) => ({ id: path, text: t(name), icon, run: () => void router.navigate({ to: path }) })),
    ...(mayRun
      ? [{ id: 'new', text: t`New meeting`, icon: Plus, run: () => void router.navigate({ to: '.', search: (old) => ({ ...old, new: 'meeting' as const }) }) }]
      : []),
    ...(isAdmin ? [{ id: 'invite', text: t`Invite somebody`, icon: UserPlus, run: () => void router.navigate({ to: '/users', search: { invite: 'yes' as const } }) }] : []),
    { id: 'search', text: t`Search`, icon: Search, run: () => void router.navigate({ to: '/search' }) },
    { id: 'account', text: t`My account`, icon: CircleUserRound, run: () => void router.navigate({ to: '/account' }) },
    { id: 'theme', text: dark ? t`Light theme` : t`Dark theme`, icon: Moon, run: () => choose({ theme: dark ? 'light' : 'dark' }) },
    {
      id: 'language',
      text: other === 'fa' ? 'فارسی' : 'English',
      icon: Languages,
      run: () => choose({ lang: other, calendar: undefined, digits: undefined }),
    },
    { id: 'appearance', text: t`Language and appearance`, icon: Languages, run: onAppearance },
  ];
}

/** Whoever only writes has none. */
function useMeetings(text: string): Entry[] {
  const router = useRouter();
  const { role } = useUser();
  const { data } = useQuery({ ...findMeetings(text.trim()), enabled: role !== 'writer' });
  return (data?.items ?? []).map(({ id, name }) => ({
    id: `meeting ${id}`,
    text: name,
    icon: CalendarClock,
    run: () => void router.navigate({ to: '/meetings/$id', params: { id } }),
  }));
}

/** For those who may see people. */
function usePeople(text: string): Entry[] {
  const router = useRouter();
  const isAdmin = useIsAdmin();
  const { data } = useQuery({ ...findPeople(text.trim()), enabled: useMaySeePeople() });
  return (data?.items ?? []).map(({ id, name, email }) => ({
    id: `user ${id}`,
    text: name,
    also: email,
    icon: UserRound,
    run: () => void router.navigate({ to: '/users', search: isAdmin ? { user: id } : { q: email } }),
  }));
}
