// The button of the menu of whoever is signed in. What it opens comes when it is opened.

import { useLingui } from '@lingui/react/macro';
import { CircleUserRound } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { isolate } from '../lib/bidi';
import { useUser } from '../lib/user';
import { IconButton } from '../ui/Button';

const UserMenu = lazy(async () => ({ default: (await import('./UserMenu')).UserMenu }));

export function UserButton({ onAppearance }: { onAppearance: () => void }) {
  const { t } = useLingui();
  const name = isolate(useUser().name);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton ref={button} aria-label={t`Your account: ${name}`} aria-haspopup="menu" aria-expanded={open} onPress={() => setOpen(true)}>
        <CircleUserRound size={20} aria-hidden />
      </IconButton>
      <Suspense fallback={null}>{open && <UserMenu button={button} onClose={() => setOpen(false)} onAppearance={onAppearance} />}</Suspense>
    </>
  );
}
