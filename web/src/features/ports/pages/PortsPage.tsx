// The ports of the range: a map, who holds them, what changed, and the way back.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import type { Call } from '../../../ui/Calls';
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
import { holders, rangeOf } from '../model';

const PickPort = lazy(async () => ({ default: (await import('../components/PickPort')).PickPort }));

const route = getRouteApi('/ports');

const CALLS: Call[] = [
  { path: '/api/v1/port/state' },
  { method: 'POST', path: '/api/v1/port/pick', body: { owner: 'worker 1', ttl: '1h' } },
  { method: 'POST', path: '/api/v1/port/release', body: { port: 3000 } },
];

export function PortsPage() {
  const { t } = useLingui();
  const query = useQuery(portsState());
  const state = query.data;
  const { port } = route.useSearch();
  const mayRun = useMayRun();
  const [picking, setPicking] = useState(false);
  const tools = mayRun && state && (
    <Button onPress={() => setPicking(true)}>
      <Trans>Pick a port</Trans>
    </Button>
  );
  return (
    <>
      <PageHead title={t`Ports`} note={state && <Summary state={state} />} tools={tools} calls={CALLS} />
      <Answered query={query} reading={t`Reading the ports…`} effect={t`The ports cannot be shown.`}>
        {(state) => <Whole state={state} />}
      </Answered>
      <Suspense fallback={null}>
        {picking && state && <PickPort range={rangeOf(state)} port={port} onClose={() => setPicking(false)} />}
      </Suspense>
    </>
  );
}

function Whole({ state }: { state: PortsState }) {
  const { t } = useLingui();
  const { port } = route.useSearch();
  const navigate = route.useNavigate();
  const held = useMemo(() => holders(state), [state]);
  const range = rangeOf(state);
  const look = (port: number) => void navigate({ search: (old) => ({ ...old, port }), replace: true });
  return (
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
  );
}

function Summary({ state }: { state: PortsState }) {
  const formats = useFormats();
  const [first, last] = state.settings.port_range;
  return (
    <Trans>
      {formats.number(holders(state).length)} in use, {formats.number(state.free_ports.length)} free from <Mono>{first}</Mono> to <Mono>{last}</Mono>; looked at{' '}
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
