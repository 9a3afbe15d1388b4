// Ctrl-K: every place, every command, the newest meetings and people, found by a few letters.

import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { CalendarClock, CircleUserRound, CornerDownLeft, Languages, Moon, Network, Plus, UserPlus, UserRound, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { TextField } from 'react-aria-components/TextField';
import { findMeetings } from '../features/meetings/api';
import { findPeople } from '../features/users/api';
import { holds } from '../lib/collate';
import { readWhole } from '../lib/digits';
import { usePreferences } from '../lib/reader';
import { useIsAdmin, useMayRun, useMaySeePeople, useUser } from '../lib/user';
import { ITEM } from '../ui/Select';
import { sectionsFor } from './sections';

/** As many meetings, and as many people, so that neither hides the other. */
const SHARE = 8;

interface Entry {
  id: string;
  text: string;
  /** What it is found by besides. */
  also?: string;
  icon: LucideIcon;
  run: () => void;
}

interface Props {
  onClose: () => void;
  onAppearance: () => void;
}

export function Palette({ onClose, onAppearance }: Props) {
  const { t } = useLingui();
  const [text, setText] = useState('');
  const fitting = (known: Entry[]) => known.filter((entry) => holds(`${entry.text} ${entry.also ?? ''}`, text));
  const [commands, people, meetings] = [fitting(useEntries(onAppearance)), fitting(usePeople(text)), fitting(useMeetings(text))];
  const entries = [...usePort(text), ...commands, ...people.slice(0, SHARE), ...meetings.slice(0, SHARE)];
  const run = (id: unknown) => {
    onClose();
    entries.find((entry) => entry.id === id)?.run();
  };
  return (
    <ModalOverlay isOpen onOpenChange={onClose} isDismissable className="fixed inset-0 z-40 bg-shade p-3 pt-[10vh]">
      <Modal className="jadval mx-auto max-h-[80dvh] max-w-xl overflow-y-auto shadow-over">
        <Dialog aria-label={t`Search or run a command`} className="outline-none">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <TextField aria-label={t`Search or run a command`} autoFocus>
              <Input
                dir="auto"
                placeholder={t`A page, a person, a meeting, a port, a command…`}
                className="w-full bg-transparent px-4 py-3 text-lg outline-none"
              />
            </TextField>
            <Menu items={entries} onAction={run} className="border-t border-line p-2 outline-none" renderEmptyState={() => <Nothing />}>
              {({ id, text, icon: Icon }) => (
                <MenuItem id={id} textValue={text} className={ITEM}>
                  <Icon size={16} aria-hidden className="flex-none text-ink-3" />
                  <span className="flex-1 truncate">
                    <bdi>{text}</bdi>
                  </span>
                  <CornerDownLeft size={14} aria-hidden className="mirror text-ink-3" />
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Nothing() {
  const { t } = useLingui();
  return <p className="px-3 py-6 text-center text-ink-2">{t`Nothing is called like that.`}</p>;
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

function useEntries(onAppearance: () => void): Entry[] {
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

function useMeetings(text: string): Entry[] {
  const router = useRouter();
  const { data } = useQuery(findMeetings(text.trim()));
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
    id: `person ${id}`,
    text: name,
    also: email,
    icon: UserRound,
    run: () => void router.navigate({ to: '/users', search: isAdmin ? { user: id } : { q: email } }),
  }));
}
