// A new webhook: where it leads and what it asks for; then its secret, this once.

import { useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { SidePanel } from '../../../ui/Overlay';
import { createWebhook, type Made } from '../api';
import { Secret } from './Secret';
import { WebhookForm } from './WebhookForm';

const EMPTY = { url: '', description: '', events: [] };

interface Props {
  onClose: () => void;
  /** Its secret was kept. */
  onMade: (id: string) => void;
}

export function NewWebhook({ onClose, onMade }: Props) {
  const { t } = useLingui();
  const [made, setMade] = useState<Made | null>(null);
  const close = () => (made ? onMade(made.id) : onClose());
  return (
    <SidePanel title={made ? t`The webhook is made` : t`New webhook`} isWide isOpen onClose={close}>
      {made ? (
        <Secret secret={made.secret} onClose={close} />
      ) : (
        <WebhookForm values={EMPTY} deed={t`Make`} effect={t`The webhook was not made.`} save={createWebhook} onSaved={setMade} onClose={onClose} />
      )}
    </SidePanel>
  );
}
