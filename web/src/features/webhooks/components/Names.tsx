// The names and marks of webhooks, their events and deliveries.

import { useLingui } from '@lingui/react/macro';
import { Status } from '../../../ui/Status';
import { Mono } from '../../../ui/Text';
import type { Delivery, Webhook } from '../api';
import { EVENTS, GROUPS, groupOf } from '../events';
import { ALL, lookOf, lookOfDelivery, reasonOf } from '../model';

export function StateMark({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui();
  const { tone, word } = lookOf(webhook);
  return <Status tone={tone}>{t(word)}</Status>;
}

export function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const { t } = useLingui();
  const { tone, word } = lookOfDelivery(delivery);
  return <Status tone={tone}>{t(word)}</Status>;
}

/** What the program calls it where there is no word. */
export function EventName({ event }: { event: string }) {
  const { t } = useLingui();
  const word = EVENTS[event];
  return word ? t(word) : <Mono>{event}</Mono>;
}

/** What one pattern asks for. */
export function PatternName({ pattern }: { pattern: string }) {
  const { t } = useLingui();
  if (pattern === ALL) return t`All events`;
  const group = GROUPS[groupOf(pattern)];
  if (!pattern.endsWith('.*')) return <EventName event={pattern} />;
  const name = group && t(group);
  return name ? t`Everything about: ${name}` : <Mono>{pattern}</Mono>;
}

/** Why something did not get through. */
export function Reason({ error }: { error: string }) {
  const { t } = useLingui();
  const words = reasonOf(error);
  return (
    <>
      {words && <span className="block">{t(words)}</span>}
      <bdi lang="en" className={words ? 'block text-sm text-ink-2 wrap-anywhere' : 'block wrap-anywhere'}>
        {error}
      </bdi>
    </>
  );
}
