// What an operator does with ports, with the news of it and the way back.

import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { isolate, isolateLtr } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { soon, tell } from '../../ui/Toast';
import { keys, releasePort, restoreBackup } from './api';
import type { Holder } from './model';

export function usePortActions() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const renew = () => client.invalidateQueries({ queryKey: keys.all });

  /** Whoever takes the port next cannot be asked for it back, so it waits a moment. */
  const release = ({ port: number, owner }: Holder) => {
    const port = isolateLtr(number);
    const holder = isolate(owner ?? '');
    soon(
      t`Port ${port} of “${holder}” is released in a moment.`,
      () => void releasePort(number).then(renew, failure(t`Port ${port} was not released.`)),
      () => void renew(),
    );
  };

  const restore = (name: string) => {
    const backup = isolateLtr(name);
    const restored = () => {
      tell(t`The ports are as ${backup} had them; leases that hold now go on.`);
      return renew();
    };
    void restoreBackup(name).then(restored, failure(t`The ports stay as they are.`));
  };

  return { release, restore };
}
