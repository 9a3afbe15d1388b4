// An address that leads nowhere.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { buttonStyle } from '../ui/Button';
import { Empty } from '../ui/Empty';

export function NotFound() {
  const { t } = useLingui();
  const action = (
    <Link to="/" className={buttonStyle('primary')}>
      <Trans>To the overview</Trans>
    </Link>
  );
  return (
    <section className="jadval">
      <title>{`${t`Nothing is here`} · Dabir`}</title>
      <Empty title={<h1>{t`Nothing is here`}</h1>} action={action}>
        <Trans>The address leads to no page; it may be old or mistyped.</Trans>
      </Empty>
    </section>
  );
}
