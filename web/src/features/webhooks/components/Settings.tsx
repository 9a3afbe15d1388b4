// Changing where a webhook leads and what it asks for.

import { useLingui } from '@lingui/react/macro';
import { isolate } from '../../../lib/bidi';
import { SidePanel } from '../../../ui/Overlay';
import { tell } from '../../../ui/Toast';
import { useFailure } from '../../../ui/failure';
import { changeWebhook, type Webhook } from '../api';
import { useRenew } from '../hooks';
import { nameOf } from '../model';
import { WebhookForm } from './WebhookForm';

export function Settings({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();
  const { id, url, description, events } = webhook;
  const values = { url, description, events };
  const saved = (now: Webhook) => {
    const name = isolate(nameOf(now));
    tell(t`“${name}” is changed.`, () => void changeWebhook(id, values).then(renew, failure(t`“${name}” stays as it was.`)));
    onClose();
  };
  return (
    <SidePanel title={t`Settings`} isWide isOpen onClose={onClose}>
      <WebhookForm values={values} deed={t`Save`} effect={t`The webhook was not changed.`} save={(values) => changeWebhook(id, values)} onSaved={saved} onClose={onClose} />
    </SidePanel>
  );
}
