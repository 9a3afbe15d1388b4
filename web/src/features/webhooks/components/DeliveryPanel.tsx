// One delivery: what was sent, and what came back each time.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Json } from '../../../ui/Json';
import { SidePanel } from '../../../ui/Overlay';
import { Fact, Facts } from '../../../ui/Panel';
import { Shape } from '../../../ui/Status';
import { Mono, Time } from '../../../ui/Text';
import { oneDelivery, type Attempt, type DeliveryDetail, type Webhook } from '../api';
import { useDeliveryDeeds } from '../hooks';
import { gotThrough, readBody } from '../model';
import { DeliveryMark, EventName, Reason } from './Names';

interface Props {
  webhook: Webhook;
  delivery: number;
  onClose: () => void;
}

export function DeliveryPanel({ webhook, delivery, onClose }: Props) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`Delivery`} isWide isOpen onClose={onClose}>
      <Answered query={useQuery(oneDelivery(webhook.id, delivery))} reading={t`Reading the delivery…`} effect={t`The delivery cannot be shown.`}>
        {(detail) => <Whole webhook={webhook} detail={detail} />}
      </Answered>
    </SidePanel>
  );
}

function Whole({ webhook, detail }: { webhook: Webhook; detail: DeliveryDetail }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { event, subject, is_test, created_at, next_at, state, message_id } = detail;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-lg font-bold">
          <EventName event={event} />
        </span>
        <DeliveryMark delivery={detail} />
      </p>
      <Facts>
        {subject && (
          <Fact name={<Trans>About</Trans>}>
            <bdi>{subject}</bdi>
          </Fact>
        )}
        <Fact name={<Trans>Event</Trans>}>
          <Mono>{event}</Mono> {is_test && <Trans>(a test)</Trans>}
        </Fact>
        <Fact name={<Trans>Since</Trans>}>
          <Time at={created_at} style="full" />
        </Fact>
        {state === 'waiting' && next_at && (
          <Fact name={<Trans>Is tried again</Trans>}>
            <Time at={next_at} />
          </Fact>
        )}
        <Fact name={<Mono>webhook-id</Mono>}>
          <Mono>{message_id}</Mono>
        </Fact>
      </Facts>
      {mayRun && !is_test && <Deeds webhook={webhook} detail={detail} />}
      <Attempts log={detail.log} />
      <Part title={<Trans>What is sent</Trans>}>
        <Json label={t`What is sent`} value={readBody(detail.body)} />
      </Part>
    </div>
  );
}

function Deeds({ webhook, detail }: { webhook: Webhook; detail: DeliveryDetail }) {
  const { again, giveUp } = useDeliveryDeeds(webhook);
  const waits = detail.state === 'waiting';
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button isDisabled={webhook.state === 'off'} onPress={() => void again(detail)}>
        {waits ? <Trans>Try it now</Trans> : <Trans>Send it again</Trans>}
      </Button>
      {waits && (
        <Button weight="danger" onPress={() => giveUp(detail)}>
          <Trans>Give it up</Trans>
        </Button>
      )}
      {webhook.state === 'off' && (
        <span className="text-sm text-ink-2">
          <Trans>The webhook is off; turn it on first.</Trans>
        </span>
      )}
    </div>
  );
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="font-bold">{title}</h3>
      {children}
    </section>
  );
}

export function Attempts({ log }: { log: readonly Attempt[] }) {
  return (
    <Part title={log.length > 0 ? <Plural value={log.length} one="# attempt" other="# attempts" /> : <Trans>Not tried yet</Trans>}>
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {log.map((attempt) => (
          <li key={`${attempt.at} ${attempt.latency_ms}`}>
            <AttemptView attempt={attempt} />
          </li>
        ))}
      </ol>
    </Part>
  );
}

/** What one request brought. */
export function AttemptView({ attempt }: { attempt: Attempt }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { at, latency_ms, status, error, request_headers, response_headers, response_body } = attempt;
  const took = formats.number(latency_ms);
  const isGood = gotThrough(attempt);
  return (
    <div className={`grid grid-cols-[minmax(0,1fr)] gap-1 rounded-md border px-3 py-2 ${isGood ? 'border-line' : 'border-anar bg-anar-soft'}`}>
      <p className="flex flex-wrap items-center gap-x-3">
        <span className={isGood ? 'text-firuze' : 'text-anar'}>
          <Shape tone={isGood ? 'live' : 'bad'} />
        </span>
        <Time at={at} style="seconds" />
        {status != null && (
          <span>
            <Trans>
              answered <Mono>{status}</Mono>
            </Trans>
          </span>
        )}
        <span className="text-sm text-ink-2">
          <Trans>within {took} ms</Trans>
        </span>
      </p>
      {error && (
        <p>
          <Reason error={error} />
        </p>
      )}
      {response_body && (
        <pre dir="ltr" tabIndex={0} role="group" aria-label={t`The answer`} className="max-h-40 overflow-auto rounded-md bg-sunken p-2 text-start font-mono text-xs whitespace-pre-wrap wrap-anywhere">
          {response_body}
        </pre>
      )}
      <details>
        <summary className="cursor-pointer py-1 text-sm text-lajvard">
          <Trans>Headers</Trans>
        </summary>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
          <Json label={t`Headers that were sent`} value={request_headers} />
          {response_headers != null && <Json label={t`Headers of the answer`} value={response_headers} />}
        </div>
      </details>
    </div>
  );
}
