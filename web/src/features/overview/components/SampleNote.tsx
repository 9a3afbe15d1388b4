// That some of what is shown is sample data, and how to be rid of it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { useSample } from '../sample';

export function SampleNote() {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { remove } = useSample();
  const [isPending, setPending] = useState(false);
  const press = () => {
    setPending(true);
    void remove().finally(() => setPending(false));
  };
  return (
    <div role="note" aria-label={t`Sample data`} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-md border border-line bg-lajvard-soft px-4 py-2">
      <p>
        <Trans>You are looking around with sample meetings; your own are not touched by them.</Trans>
      </p>
      {mayRun && (
        <Button size="small" isPending={isPending} onPress={press}>
          <Trans>Remove the sample data</Trans>
        </Button>
      )}
    </div>
  );
}
