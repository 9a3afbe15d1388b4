// Who is not signed in reads how to come in.

import { Trans } from '@lingui/react/macro';
import { buttonStyle } from '../ui/Button';
import { Brand } from './Brand';

export function Stranger() {
  return (
    <main className="mx-auto grid max-w-md gap-4 p-5 pt-16">
      <Brand />
      <section className="jadval grid gap-3 p-5">
        <p>
          <Trans>Nobody is signed in here. Who has no password yet, or lost it, opens the link that this command makes:</Trans>
        </p>
        <p>
          <code dir="ltr" className="rounded-sm bg-sunken px-2 py-1 font-mono text-sm">
            dabir admin link
          </code>
        </p>
        <div>
          <a href="/" className={buttonStyle('primary')}>
            <Trans>Sign in</Trans>
          </a>
        </div>
      </section>
    </main>
  );
}
