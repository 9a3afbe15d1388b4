// Sending an example at once, and what comes back.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Answers, Box } from '../../../ui/Overlay';
import { Select } from '../../../ui/Select';
import { Status } from '../../../ui/Status';
import { listEvents, TEST, testWebhook, type DeliveryDetail, type Webhook } from '../api';
import { EVENTS } from '../events';
import { useRenew } from '../hooks';
import { asksFor } from '../model';
import { AttemptView } from './DeliveryPanel';

export function TestBox({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Box title={t`Try it out`} isOpen onClose={onClose}>
      <TestForm webhook={webhook} onClose={onClose} />
    </Box>
  );
}

function TestForm({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useLingui();
  const renew = useRenew();
  const [event, setEvent] = useState(TEST);
  const { data: known = [] } = useQuery(listEvents());
  const { mutate, data, error, isPending } = useMutation({ mutationFn: (event: string) => testWebhook(webhook.id, event), onSettled: renew });
  const names = [TEST, ...known.map(({ name }) => name).filter((name) => name !== TEST && asksFor(webhook.events, name))];
  const options = names.map((id) => ({ id, text: EVENTS[id] ? t(EVENTS[id]) : id }));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="text-ink-2">
        <Trans>An example goes out at once, past what waits, and what comes back stands here.</Trans>
      </p>
      <Select label={t`Example of`} options={options} value={event} onChange={setEvent} />
      {error && <ErrorView error={error} effect={t`Nothing was sent.`} />}
      {data && <Outcome detail={data} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
        <Button weight="primary" isPending={isPending} onPress={() => mutate(event)}>
          {data ? <Trans>Send another one</Trans> : <Trans>Send</Trans>}
        </Button>
      </Answers>
    </div>
  );
}

function Outcome({ detail: { state, log } }: { detail: DeliveryDetail }) {
  const [attempt] = log;
  return (
    <div role="status" className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <span>{state === 'delivered' ? <Status tone="live"><Trans>It gets through</Trans></Status> : <Status tone="bad"><Trans>It does not get through</Trans></Status>}</span>
      {attempt && <AttemptView attempt={attempt} />}
    </div>
  );
}
