// What is done with webhooks and deliveries, with the news of it and the way back.

import { useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { isolate } from '../../lib/bidi';
import { useGoing } from '../../lib/going';
import { useFailure } from '../../ui/failure';
import { soon, tell } from '../../ui/Toast';
import { changeWebhook, deleteWebhook, listDeliveries, redeliver, skip, type Delivery, type Filter, type Webhook, type WebhookState } from './api';
import { keys } from './keys';
import { nameOf } from './model';

export function useDeliveries(id: string, filter: Filter) {
  const query = useInfiniteQuery(listDeliveries(id, filter));
  const deliveries = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { ...query, deliveries };
}

export function useRenew() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.all });
}

export function useWebhookDeeds() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const renew = useRenew();
  const { hide, showAgain } = useGoing<string>('webhooks');

  const send = (webhook: Webhook, state: WebhookState, news: () => void) => {
    const name = isolate(nameOf(webhook));
    const before = client.getQueryData(keys.one(webhook.id));
    client.setQueryData(keys.one(webhook.id), { ...webhook, state, state_reason: null });
    const done = () => (news(), renew());
    const failed = (error: unknown) => (client.setQueryData(keys.one(webhook.id), before), failure(t`“${name}” stays as it was.`)(error));
    return changeWebhook(webhook.id, { state }).then(done, failed);
  };

  /** What waits for one that is turned off is given up, and no way leads back; so that waits a moment. */
  const turn = (webhook: Webhook, state: WebhookState) => {
    const name = isolate(nameOf(webhook));
    if (state === 'off' && webhook.waiting > 0) {
      soon(t`“${name}” is turned off in a moment, and what waits for it is given up.`, () => void send(webhook, state, () => undefined), () => undefined);
      return;
    }
    const words = { on: t`“${name}” is on: what waits goes out.`, paused: t`“${name}” is paused: what happens is kept.`, off: t`“${name}” is off.` };
    void send(webhook, state, () => tell(words[state], () => void send({ ...webhook, state }, webhook.state, () => undefined)));
  };

  const remove = (webhook: Webhook) => {
    const name = isolate(nameOf(webhook));
    hide(webhook.id);
    const back = () => showAgain(webhook.id);
    const run = () => deleteWebhook(webhook.id).then(renew, failure(t`The webhook “${name}” is still there.`)).finally(back);
    soon(t`The webhook “${name}” is deleted in a moment, with all that was sent to it.`, () => void run(), back);
  };

  return { turn, remove };
}

export function useDeliveryDeeds(webhook: Webhook) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();

  const again = (delivery: Delivery) => {
    const waits = delivery.state === 'waiting';
    const done = () => (tell(waits ? t`It is tried at once.` : t`It goes out again, behind what waits.`), renew());
    return redeliver(webhook.id, delivery.id).then(done, failure(t`It was not sent again.`));
  };

  /** It could only go out again behind all others, so it waits a moment. */
  const giveUp = (delivery: Delivery) => {
    const run = () => void skip(webhook.id, delivery.id).then(renew, failure(t`It still waits.`));
    soon(t`It is given up in a moment, and those behind it go on.`, run, () => undefined);
  };

  return { again, giveUp };
}
