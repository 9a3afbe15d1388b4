// One webhook: how it is, what was sent to it and what waits; in the margin where it leads and how its receiver checks it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { PageHead } from '../../../ui/PageHead';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Choice } from '../../../ui/Select';
import { Mono, Time } from '../../../ui/Text';
import { oneWebhook, type Webhook } from '../api';
import { Deliveries } from '../components/Deliveries';
import { PatternName, Reason, StateMark } from '../components/Names';
import { useWebhookDeeds } from '../hooks';
import { hostOf, nameOf, STATE_NAMES, STATES } from '../model';
import type { WebhookSearch } from '../search';

const DeliveryPanel = lazy(async () => ({ default: (await import('../components/DeliveryPanel')).DeliveryPanel }));
const Sample = lazy(async () => ({ default: (await import('../components/Sample')).Sample }));
const SecretBox = lazy(async () => ({ default: (await import('../components/SecretBox')).SecretBox }));
const Settings = lazy(async () => ({ default: (await import('../components/Settings')).Settings }));
const TestBox = lazy(async () => ({ default: (await import('../components/TestBox')).TestBox }));

const route = getRouteApi('/webhooks/$id');

export function WebhookPage() {
  const { t } = useLingui();
  const { id } = route.useParams();
  const query = useQuery(oneWebhook(id));
  return (
    <>
      <Link to="/webhooks" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All webhooks</Trans>
      </Link>
      {query.data ? <Head webhook={query.data} /> : <PageHead title={t`Webhook`} calls={callsOf(id)} />}
      <Answered query={query} reading={t`Reading the webhook…`} effect={t`The webhook cannot be shown.`}>
        {(webhook) => <Whole webhook={webhook} />}
      </Answered>
    </>
  );
}

const callsOf = (id: string) => {
  const path = `/api/v1/webhooks/${id}`;
  return [{ path }, { path: `${path}/deliveries` }, { method: 'PATCH', path, body: { state: 'paused' } }, { method: 'POST', path: `${path}/test` }] as const;
};

function useChange() {
  const navigate = route.useNavigate();
  return (more: Partial<WebhookSearch>) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false });
}

function Head({ webhook }: { webhook: Webhook }) {
  const change = useChange();
  const mayRun = useMayRun();
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <bdi>{nameOf(webhook)}</bdi>
      <StateMark webhook={webhook} />
    </span>
  );
  const tools = mayRun && (
    <>
      <Button onPress={() => change({ over: 'settings' })}>
        <Trans>Change…</Trans>
      </Button>
      <Button weight="primary" onPress={() => change({ over: 'test' })}>
        <Trans>Try it out…</Trans>
      </Button>
    </>
  );
  return <PageHead title={isolate(nameOf(webhook))} heading={heading} note={webhook.description && <Mono>{hostOf(webhook)}</Mono>} tools={tools} calls={callsOf(webhook.id)} />;
}

function Whole({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const search = route.useSearch();
  const change = useChange();
  const close = () => change({ over: undefined });
  const { delivery, over } = search;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Trouble webhook={webhook} />
        <Deliveries webhook={webhook} search={search} onChange={change} />
      </div>
      <aside className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Panel title={t`State`}>
          <State webhook={webhook} />
        </Panel>
        <Panel title={t`Where and what`}>
          <Asked webhook={webhook} />
        </Panel>
        <Panel title={t`Signature`}>
          <Signature webhook={webhook} onRenew={() => change({ over: 'secret' })} />
        </Panel>
        {mayRun && <Remove webhook={webhook} />}
      </aside>
      <Suspense fallback={null}>
        {delivery !== undefined && <DeliveryPanel key={delivery} webhook={webhook} delivery={delivery} onClose={() => change({ delivery: undefined })} />}
        {mayRun && over === 'settings' && <Settings webhook={webhook} onClose={close} />}
        {mayRun && over === 'test' && <TestBox webhook={webhook} onClose={close} />}
        {mayRun && over === 'secret' && <SecretBox webhook={webhook} onClose={close} />}
      </Suspense>
    </div>
  );
}

/** What keeps things from getting through, and what Dabir did about it. */
function Trouble({ webhook: { state, state_reason, failing_since, next_at, waiting } }: { webhook: Webhook }) {
  const isStopped = state !== 'on' && state_reason;
  if (!isStopped && (!failing_since || state === 'off')) return null;
  return (
    <div role="note" className="grid gap-1 rounded-md border border-zaferan bg-zaferan-soft px-4 py-3">
      <p className="font-bold">
        {isStopped && state === 'paused' && <Trans>Nothing got through for five days, so it was paused; what happens waits.</Trans>}
        {isStopped && state === 'off' && <Trans>Its receiver said that it is gone, so it was turned off.</Trans>}
        {!isStopped && failing_since && (
          <Trans>
            Nothing gets through since <Time at={failing_since} />.
          </Trans>
        )}
      </p>
      {isStopped && <Reason error={state_reason} />}
      {!isStopped && state === 'on' && next_at && waiting > 0 && (
        <p>
          <Trans>
            It is tried again at <Time at={next_at} />. What happened waits in its order.
          </Trans>
        </p>
      )}
      <p className="text-ink-2">
        {!isStopped && <Trans>Look at the last attempt below, and try it out when the receiver is right.</Trans>}
        {isStopped && state === 'paused' && <Trans>Put the receiver right, try it out, then turn it on: what waits goes out.</Trans>}
        {isStopped && state === 'off' && <Trans>When something receives there again, turn it on; what happened meanwhile was not kept.</Trans>}
      </p>
    </div>
  );
}

function State({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayRun = useMayRun();
  const { turn } = useWebhookDeeds();
  const { state, state_at, succeeded_at, waiting, dead } = webhook;
  const options = STATE_NAMES.map((id) => ({ id, text: t(STATES[id].word) }));
  return (
    <div className="grid justify-items-start gap-3">
      {mayRun && <Choice label={t`State`} options={options} value={state} onChange={(state) => turn(webhook, state)} />}
      <p className="text-ink-2">{t(STATES[state].meaning)}</p>
      <Facts>
        <Fact name={<Trans>Since</Trans>}>
          <Time at={state_at} />
        </Fact>
        <Fact name={<Trans>Came through last</Trans>}>{succeeded_at ? <Time at={succeeded_at} /> : <Trans>nothing yet</Trans>}</Fact>
        <Fact name={<Trans>Waits</Trans>}>{formats.number(waiting)}</Fact>
        <Fact name={<Trans>Given up</Trans>}>{formats.number(dead)}</Fact>
      </Facts>
    </div>
  );
}

function Asked({ webhook: { url, events, created_by, created_at } }: { webhook: Webhook }) {
  return (
    <div className="grid gap-2">
      <Mono className="wrap-anywhere">{url}</Mono>
      <ul className="list-disc ps-5">
        {events.map((pattern) => (
          <li key={pattern}>
            <PatternName pattern={pattern} />
          </li>
        ))}
      </ul>
      <p className="text-sm text-ink-2">
        <Trans>
          Made by <bdi>{created_by}</bdi>, <Time at={created_at} />
        </Trans>
      </p>
    </div>
  );
}

function Signature({ webhook: { old_secret_until }, onRenew }: { webhook: Webhook; onRenew: () => void }) {
  const mayRun = useMayRun();
  const isBoth = old_secret_until && Date.parse(old_secret_until) > Date.now();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <Suspense fallback={<div data-waiting className="h-80" />}>
        <Sample />
      </Suspense>
      {isBoth && (
        <p className="text-sm text-ink-2">
          <Trans>
            Until <Time at={old_secret_until} /> the old secret signs as well.
          </Trans>
        </p>
      )}
      {mayRun && (
        <div>
          <Button size="small" onPress={onRenew}>
            <Trans>New secret…</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}

function Remove({ webhook }: { webhook: Webhook }) {
  const navigate = route.useNavigate();
  const { remove } = useWebhookDeeds();
  return (
    <div>
      <Button weight="danger" onPress={() => (remove(webhook), void navigate({ to: '/webhooks' }))}>
        <Trans>Delete the webhook</Trans>
      </Button>
    </div>
  );
}
