// A button that opens a list of things to do.

import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { IconButton } from './Button';
import { ITEM, POPOVER } from './Select';

export interface Action {
  id: string;
  text: string;
  run: () => void;
}

export function Menu({ label, icon, actions }: { label: string; icon: ReactNode; actions: readonly Action[] }) {
  return (
    <MenuTrigger>
      <IconButton aria-label={label}>{icon}</IconButton>
      <Popover className={POPOVER} placement="bottom end">
        <AriaMenu items={actions} onAction={(key) => actions.find(({ id }) => id === key)?.run()} className="outline-none">
          {({ id, text }) => (
            <MenuItem id={id} className={ITEM}>
              {text}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
