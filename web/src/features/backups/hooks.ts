// What an administrator does with backups, with the news of it.

import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { isolateLtr } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { keys, makeBackup, verifyBackup } from './api';

export function useBackupActions() {
  const { t } = useLingui();
  const failure = useFailure();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: keys.all });

  const make = async () => {
    const asked = () => (tell(t`A backup is being made; nobody waits for it.`), renew());
    await makeBackup().then(asked, failure(t`No backup was begun.`));
  };

  const verify = async (backup: string) => {
    const name = isolateLtr(backup);
    const asked = () => (tell(t`The verification of ${name} has begun.`), renew());
    await verifyBackup(backup).then(asked, failure(t`${name} is not verified.`));
  };

  return { make, verify };
}
