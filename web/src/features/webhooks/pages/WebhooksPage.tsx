// Where events go outside: every webhook, how it is and what waits for it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useGoing } from '../../../lib/going';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { listWebhooks } from '../api';
import { WebhookTable } from '../components/WebhookTable';

const NewWebhook = lazy(async () => ({ default: (await import('../components/NewWebhook')).NewWebhook }));

const route = getRouteApi('/webhooks');

const CALLS = [
  { path: '/api/v1/webhooks' },
  { path: '/api/v1/webhooks/events' },
  { method: 'POST', path: '/api/v1/webhooks', body: { url: 'https://hooks.example/dabir', events: ['task.completed', 'document.*'] } },
] as const;

export function WebhooksPage() {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { make } = route.useSearch();
  const navigate = route.useNavigate();
  const { going } = useGoing<string>('webhooks');
  const open = (make?: 'webhook') => void navigate({ search: { make } });
  const making = (
    <Button weight="primary" onPress={() => open('webhook')}>
      <Trans>New webhook</Trans>
    </Button>
  );
  return (
    <>
      <PageHead title={t`Webhooks`} note={<Trans>Programs elsewhere hear by them what happens here.</Trans>} tools={mayRun && making} calls={CALLS} />
      <Answered query={useQuery(listWebhooks())} reading={t`Reading the webhooks…`} effect={t`The webhooks cannot be shown.`}>
        {(all) => {
          const webhooks = all.filter(({ id }) => !going.has(id));
          return <section className="jadval">{webhooks.length > 0 ? <WebhookTable webhooks={webhooks} /> : <NoWebhooks />}</section>;
        }}
      </Answered>
      <Suspense fallback={null}>{make && mayRun && <NewWebhook onClose={() => open()} onMade={(id) => void navigate({ to: '/webhooks/$id', params: { id } })} />}</Suspense>
    </>
  );
}

function NoWebhooks() {
  const { t } = useLingui();
  return (
    <Empty title={t`No program is told of anything`}>
      <Trans>Make a webhook, and Dabir sends what happens, such as a task that is done or a source that failed, to an address of yours, signed and in order.</Trans>
    </Empty>
  );
}
