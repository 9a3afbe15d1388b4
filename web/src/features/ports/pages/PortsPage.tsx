// The ports of the range: a map, who holds them, what changed, and the way back.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import type { Call } from '../../../ui/Calls';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import { portsState, type PortsState } from '../api';
import { Backups } from '../components/Backups';
import { History } from '../components/History';
import { Holders } from '../components/Holders';
import { LookUp } from '../components/LookUp';
import { PortMap } from '../components/PortMap';
import { Stamp } from '../components/Stamp';
import { holders } from '../model';

const PickPort = lazy(async () => ({ default: (await import('../components/PickPort')).PickPort }));

const route = getRouteApi('/ports');

const CALLS: Call[] = [
  { path: '/api/v1/port/state' },
  { method: 'POST', path: '/api/v1/port/pick', body: { owner: 'worker 1', ttl: '1h' } },
  { method: 'POST', path: '/api/v1/port/release', body: { port: 3000 } },
];

export function PortsPage() {
  const { t } = useLingui();
  const { data: state, error, refetch } = useQuery(portsState());
  if (state) return <Whole state={state} />;
  return (
    <>
      <PageHead title={t`Ports`} calls={CALLS} />
      {error ? <ErrorView error={error} effect={t`The ports cannot be shown.`} onRetry={() => void refetch()} /> : <Waiting label={t`Reading the ports…`} />}
    </>
  );
}

function Whole({ state }: { state: PortsState }) {
  const { t } = useLingui();
  const { port } = route.useSearch();
  const navigate = route.useNavigate();
  const mayRun = useMayRun();
  const [picking, setPicking] = useState(false);
  const held = useMemo(() => holders(state), [state]);
  const range = [state.settings.port_range[0] ?? 0, state.settings.port_range[1] ?? 0] as const;
  const look = (port: number) => void navigate({ search: (old) => ({ ...old, port }), replace: true });
  const tools = mayRun && (
    <Button onPress={() => setPicking(true)}>
      <Trans>Pick a port</Trans>
    </Button>
  );
  return (
    <>
      <PageHead title={t`Ports`} note={<Summary state={state} held={held.length} />} tools={tools} calls={CALLS} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {state.last_error && <LastError state={state} />}
        <Panel title={t`Map of the range`}>
          <LookUp range={range} held={held} port={port} onPort={look} />
          <PortMap range={range} held={held} port={port} onPort={look} />
        </Panel>
        <Panel title={t`In use`} flush>
          <Holders held={held} />
        </Panel>
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
          <History entries={state.history} />
          <Backups />
        </div>
      </div>
      <Suspense fallback={null}>{picking && <PickPort range={range} port={port} onClose={() => setPicking(false)} />}</Suspense>
    </>
  );
}

function Summary({ state, held }: { state: PortsState; held: number }) {
  const formats = useFormats();
  const [first, last] = state.settings.port_range;
  return (
    <Trans>
      {formats.number(held)} in use, {formats.number(state.free_ports.length)} free from <Mono>{first}</Mono> to <Mono>{last}</Mono>; looked at{' '}
      <Stamp stamp={state.last_checked} at={state.last_checked_at} />
    </Trans>
  );
}

function LastError({ state }: { state: PortsState }) {
  return (
    <div role="note" className="grid gap-1 rounded-md border border-zaferan bg-zaferan-soft px-4 py-3">
      <p className="font-bold">
        <Trans>
          The port manager had trouble at <Stamp stamp={state.last_error_time} at={state.last_error_at} />.
        </Trans>
      </p>
      <p>
        <bdi lang="en" className="wrap-anywhere">
          {state.last_error}
        </bdi>
      </p>
    </div>
  );
}
