// Who is not signed in reads how to come in.

import { Trans } from '@lingui/react/macro';
import { Button } from '../ui/Button';
import { Brand } from './Brand';

export function Stranger() {
  return (
    <main className="mx-auto grid max-w-md gap-4 p-5 pt-16">
      <Brand />
      <section className="jadval grid gap-3 p-5">
        <HowToSignIn />
      </section>
    </main>
  );
}

export function HowToSignIn() {
  return (
    <>
      <p>
        <Trans>To come in, open the link that the server printed when it started. This command makes a new one:</Trans>
      </p>
      <p>
        <code dir="ltr" className="rounded-sm bg-sunken px-2 py-1 font-mono text-sm">
          dabir admin link
        </code>
      </p>
      <div>
        <Button onPress={() => window.location.reload()}>
          <Trans>I have opened it</Trans>
        </Button>
      </div>
    </>
  );
}
