// The menu of sections, as far as one's role has them.

import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { cx } from '../ui/cx';
import { answer, api } from '../api/client';
import { useUser, type Role } from '../lib/user';
import { Button } from '../ui/Button';
import { useFailure } from '../ui/failure';
import { Brand } from './Brand';
import { sectionsFor } from './sections';

const LINK =
  'flex min-h-row items-center gap-3 rounded-md border-s-3 border-transparent px-3 text-ink-2 hover:text-ink hover:bg-surface/60 ' +
  'aria-[current=page]:bg-surface aria-[current=page]:text-ink aria-[current=page]:font-semibold aria-[current=page]:border-lajvard';

export function Navigation({ className, onGo }: { className?: string; onGo?: () => void }) {
  const { t } = useLingui();
  const { role } = useUser();
  return (
    <nav aria-label={t`Sections`} className={cx('border-e border-line bg-sunken p-3', className)}>
      <div className="sticky top-3">
        <div className="px-2 pt-1 pb-3">
          <Brand />
        </div>
        {sectionsFor(role).map(({ name, sections }) => (
          <section key={name.id}>
            <h2 className="px-2 pt-3 pb-1 text-xs font-semibold text-ink-3">{t(name)}</h2>
            {sections.map(({ path, name, icon: Icon }) => (
              <Link key={path} to={path} className={LINK} activeOptions={{ exact: path === '/' }} {...(onGo && { onClick: onGo })}>
                <Icon size={17} aria-hidden className="flex-none" />
                {t(name)}
              </Link>
            ))}
          </section>
        ))}
        <SignedIn />
      </div>
    </nav>
  );
}

const ROLES: Record<Role, MessageDescriptor> = {
  participant: msg`Participant`,
  writer: msg`Writer`,
  auditor: msg`Auditor`,
  operator: msg`Operator`,
  admin: msg`Administrator`,
};

function SignedIn() {
  const { t } = useLingui();
  const { name, role } = useUser();
  const failure = useFailure();
  const signOut = () => answer(api.POST('/api/v1/auth/logout')).then(() => window.location.assign('/'), failure(t`You are still signed in.`));
  return (
    <section aria-label={t`Signed in`} className="mt-6 grid justify-items-start gap-1 border-t border-line px-2 pt-3">
      <p className="max-w-full truncate">
        <bdi className="font-semibold">{name}</bdi> <span className="text-sm text-ink-2">{t(ROLES[role])}</span>
      </p>
      <Button weight="bare" size="small" className="-ms-3" onPress={() => void signOut()}>
        <Trans>Sign out</Trans>
      </Button>
    </section>
  );
}
