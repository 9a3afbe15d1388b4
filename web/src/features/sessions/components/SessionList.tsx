// Somebody's sessions: in which browser, from where, used when; each can be ended.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { isolateLtr } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Status } from '../../../ui/Status';
import { Mono, Time } from '../../../ui/Text';
import { sessionsOf, type Session } from '../api';
import { readAgent } from '../device';
import { useSessionActions } from '../hooks';

/** `user` is an id; one's own without it. */
export function SessionList({ user }: { user?: string }) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery(sessionsOf(user));
  return (
    <>
      {error && <ErrorView error={error} effect={t`The sessions cannot be shown.`} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <p className="text-ink-2">
          <Trans>There is none: nobody is signed in with this account.</Trans>
        </p>
      )}
      <ul>
        {data?.items.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </ul>
    </>
  );
}

function Row({ session }: { session: Session }) {
  const { t } = useLingui();
  const { end } = useSessionActions();
  const name = useDeviceName(session);
  return (
    <li className="flex items-start gap-3 border-t border-line py-2.5 first:border-t-0">
      <MonitorSmartphone size={18} aria-hidden className="mt-1 flex-none text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3">
          <span className="font-semibold">{name}</span>
          {session.current && (
            <Status tone="live">
              <Trans>This one</Trans>
            </Status>
          )}
        </p>
        <p className="text-sm text-ink-2">
          <Trans>
            Last used <Time at={session.seen_at} />
          </Trans>
          {' · '}
          {session.address ? <Mono>{session.address}</Mono> : <Trans>from an unknown address</Trans>}
        </p>
        <p className="text-sm text-ink-2">
          <Trans>
            Since <Time at={session.created_at} />, until <Time at={session.ends_at} /> at the latest
          </Trans>
        </p>
      </div>
      {!session.current && (
        <Button size="small" aria-label={t`End it: ${name}`} onPress={() => void end(session.id)}>
          <Trans>End it</Trans>
        </Button>
      )}
    </li>
  );
}

function useDeviceName({ agent }: Session): string {
  const { t } = useLingui();
  const device = readAgent(agent);
  const [browser, system] = [isolateLtr(device.browser ?? ''), isolateLtr(device.system ?? '')];
  if (device.browser && device.system) return t`${browser} on ${system}`;
  if (device.browser ?? device.system) return device.browser ?? device.system ?? '';
  return t`An unknown device`;
}
