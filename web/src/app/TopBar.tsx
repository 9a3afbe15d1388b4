// Above every page: search and commands, whether it is live, who one is, and the main thing to do.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { Link, useRouteContext } from '@tanstack/react-router';
import { Menu as MenuSign, Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useMayRun } from '../lib/user';
import { buttonStyle, IconButton } from '../ui/Button';
import { Shape } from '../ui/Status';
import { Bell } from './Bell';
import { LiveMark } from './LiveMark';
import { Navigation } from './Navigation';
import type { Over } from './Shell';
import { useUnsavedCount } from './Unsaved';
import { UserButton } from './UserButton';

const SEARCH =
  'flex min-h-10 pointer-coarse:min-h-11 max-w-md flex-1 items-center gap-3 rounded-md border border-line-strong bg-surface px-3 text-ink-3 cursor-pointer hover:border-lajvard max-md:hidden';

export function TopBar({ onOpen }: { onOpen: (over: Over) => void }) {
  const { t } = useLingui();
  const { line } = useRouteContext({ from: '__root__' });
  const mayRun = useMayRun();
  return (
    <header className="mx-auto flex max-w-6xl items-center gap-2 px-4 pt-4 pb-2 md:gap-3 md:px-7 md:pb-4">
      <Drawer />
      <AriaButton className={SEARCH} onPress={() => onOpen('palette')}>
        <Search size={16} aria-hidden />
        <span className="flex-1 truncate text-start">
          <Trans>Search or run a command…</Trans>
        </span>
        <kbd dir="ltr" className="rounded-sm border border-line-strong px-1.5 font-mono text-xs text-ink-2">
          Ctrl K
        </kbd>
      </AriaButton>
      <span className="flex-1" />
      <LiveMark line={line} />
      <IconButton aria-label={t`Search or run a command`} className="md:hidden" onPress={() => onOpen('palette')}>
        <Search size={18} aria-hidden />
      </IconButton>
      <Bell />
      <UserButton onAppearance={() => onOpen('appearance')} />
      {mayRun && (
        <Link to="." search={(old) => ({ ...old, new: 'meeting' as const })} aria-label={t`New meeting`} className={buttonStyle('primary', 'normal', 'max-sm:px-2.5')}>
          <Plus size={18} aria-hidden className="sm:hidden" />
          <span className="max-sm:hidden">
            <Trans>New meeting</Trans>
          </span>
        </Link>
      )}
    </header>
  );
}

/** The menu on phones. */
function Drawer() {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const unsaved = useUnsavedCount();
  const name = unsaved ? plural(unsaved, { one: 'Menu: # change of the settings is not saved', other: 'Menu: # changes of the settings are not saved' }) : t`Menu`;
  return (
    <>
      <IconButton aria-label={name} className="relative -ms-2 md:hidden" onPress={() => setOpen(true)}>
        <MenuSign size={20} aria-hidden />
        {unsaved > 0 && (
          <span className="absolute end-0.5 top-0.5 text-zaferan">
            <Shape tone="warn" />
          </span>
        )}
      </IconButton>
      <ModalOverlay isOpen={open} onOpenChange={setOpen} isDismissable className="fixed inset-0 z-40 bg-shade">
        <Modal className="h-full w-64 bg-sunken shadow-over">
          <Dialog aria-label={t`Menu`} className="h-full outline-none">
            <Navigation className="h-full" onGo={close} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}
