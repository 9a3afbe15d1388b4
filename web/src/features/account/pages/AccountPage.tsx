// One's own account: who one is, how one signs in, where, and which programs act for one.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellRing } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Answered } from '../../../ui/Answered';
import { Button, buttonStyle } from '../../../ui/Button';
import { Empty } from '../../../ui/Empty';
import { Look } from '../../../ui/Look';
import { PageHead } from '../../../ui/PageHead';
import { Panel } from '../../../ui/Panel';
import { SessionList } from '../../sessions/components/SessionList';
import { useSessionActions } from '../../sessions/hooks';
import { TokenList } from '../../tokens/components/TokenList';
import { me, type Me } from '../api';
import { News } from '../components/News';
import { Password } from '../components/Password';
import { Profile } from '../components/Profile';
import { SecondFactor } from '../components/SecondFactor';

const NewToken = lazy(async () => ({ default: (await import('../../tokens/components/NewToken')).NewToken }));

const CALLS = [{ path: '/api/v1/auth/me' }, { path: '/api/v1/sessions' }, { path: '/api/v1/tokens' }] as const;

export function AccountPage() {
  const { t } = useLingui();
  return (
    <>
      <PageHead title={t`My account`} tools={<ToNotifications />} calls={CALLS} />
      <Answered query={useQuery(me())} reading={t`Reading your account…`} effect={t`Your account cannot be shown.`}>
        {(data) => <Whole me={data} />}
      </Answered>
    </>
  );
}

function ToNotifications() {
  return (
    <Link to="/account/notifications" className={buttonStyle('plain')}>
      <BellRing size={17} aria-hidden />
      <Trans>What I hear of</Trans>
    </Link>
  );
}

function Whole({ me: { user, second_factor } }: { me: Me }) {
  const { t } = useLingui();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
      {user ? (
        <>
          <div className="grid gap-4">
            <Profile person={user} />
            <Password />
            <SecondFactor isOn={second_factor} />
            <News />
          </div>
          <div className="grid gap-4">
            <Sessions />
            <Tokens />
            <LookPanel />
          </div>
        </>
      ) : (
        <>
          <Panel title={t`Who you are`}>
            <Empty title={t`A program is signed in here`}>
              <Trans>This browser uses a token that belongs to no person, so there is no account to change.</Trans>
            </Empty>
          </Panel>
          <LookPanel />
        </>
      )}
    </div>
  );
}

function LookPanel() {
  const { t } = useLingui();
  return (
    <Panel title={t`Language and appearance`}>
      <Look />
    </Panel>
  );
}

function Sessions() {
  const { t } = useLingui();
  const { endOthers } = useSessionActions();
  const actions = (
    <Button size="small" onPress={() => void endOthers()}>
      <Trans>End all others</Trans>
    </Button>
  );
  return (
    <Panel title={t`Where you are signed in`} actions={actions}>
      <SessionList />
    </Panel>
  );
}

function Tokens() {
  const { t } = useLingui();
  const [making, setMaking] = useState(false);
  const actions = (
    <Button size="small" onPress={() => setMaking(true)}>
      <Trans>New token</Trans>
    </Button>
  );
  return (
    <Panel title={t`Tokens for programs`} actions={actions}>
      <TokenList />
      <Suspense fallback={null}>{making && <NewToken onClose={() => setMaking(false)} />}</Suspense>
    </Panel>
  );
}
