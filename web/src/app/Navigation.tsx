// The menu of sections, as far as one's role has them.

import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { cx } from '../ui/cx';
import { useUser } from '../lib/user';
import { Brand } from './Brand';
import { sectionsFor } from './sections';
import { UnsavedMark } from './Unsaved';

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
                {path === '/settings' && <UnsavedMark />}
              </Link>
            ))}
          </section>
        ))}
      </div>
    </nav>
  );
}
