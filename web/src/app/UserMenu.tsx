// Who is signed in, and what concerns them alone: their account, how they read, the way out.

import { Trans, useLingui } from '@lingui/react/macro';
import { useRouter } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { Header } from 'react-aria-components/Header';
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { answer, api } from '../api/client';
import { ROLE_NAMES } from '../lib/roles';
import { useUser } from '../lib/user';
import { useFailure } from '../ui/failure';
import { ITEM, POPOVER } from '../ui/Select';

interface Props {
  button: RefObject<HTMLElement | null>;
  onClose: () => void;
  onAppearance: () => void;
}

export function UserMenu({ button, onClose, onAppearance }: Props) {
  const { t } = useLingui();
  const router = useRouter();
  const { name, role } = useUser();
  const failure = useFailure();
  const signOut = () => answer(api.POST('/api/v1/auth/logout')).then(() => window.location.assign('/'), failure(t`You are still signed in.`));
  return (
    <Popover triggerRef={button} isOpen onOpenChange={onClose} placement="bottom end" className={POPOVER}>
      <Menu aria-label={t`Your account`} autoFocus="first" onClose={onClose} className="outline-none">
        <MenuSection>
          <Header className="max-w-72 border-b border-line px-3 pt-1 pb-2">
            <bdi className="block truncate font-semibold">{name}</bdi>
            <span className="text-sm text-ink-2">{t(ROLE_NAMES[role])}</span>
          </Header>
          <MenuItem onAction={() => void router.navigate({ to: '/account' })} className={ITEM}>
            <Trans>My account</Trans>
          </MenuItem>
          <MenuItem onAction={onAppearance} className={ITEM}>
            <Trans>Language and appearance</Trans>
          </MenuItem>
          <MenuItem onAction={() => void signOut()} className={ITEM}>
            <Trans>Sign out</Trans>
          </MenuItem>
        </MenuSection>
      </Menu>
    </Popover>
  );
}
