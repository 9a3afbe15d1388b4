// Another secret for a webhook: for a day both sign, so that its receiver has time to change.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Answers, SidePanel } from '../../../ui/Overlay';
import { Time } from '../../../ui/Text';
import { renewSecret, type Webhook } from '../api';
import { useRenew } from '../hooks';
import { Secret } from './Secret';

export function SecretBox({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useLingui();
  const renew = useRenew();
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => renewSecret(webhook.id), onSuccess: renew });
  return (
    <SidePanel title={t`New secret`} isWide isOpen onClose={onClose}>
      {data ? (
        <Secret secret={data.secret} onClose={onClose} />
      ) : (
        <div className="grid gap-3">
          <p>
            <Trans>For a day everything is signed with both, so whoever receives it can change the secret without missing anything.</Trans>
          </p>
          {webhook.old_secret_until && (
            <p className="rounded-md border border-zaferan bg-zaferan-soft px-3 py-2">
              <Trans>
                The secret before the present one still signs until <Time at={webhook.old_secret_until} />; a new one ends that at once.
              </Trans>
            </p>
          )}
          {error && <ErrorView error={error} effect={t`The secret stays as it was.`} />}
          <Answers>
            <Button onPress={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button weight="primary" isPending={isPending} onPress={() => mutate()}>
              <Trans>Make a new secret</Trans>
            </Button>
          </Answers>
        </div>
      )}
    </SidePanel>
  );
}
