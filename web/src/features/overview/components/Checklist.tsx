// The first four steps of a new house, for as long as they are not done.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useIsAdmin, useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { Panel } from '../../../ui/Panel';
import { Shape } from '../../../ui/Status';
import { useSample } from '../sample';

interface Props {
  hasMeetings: boolean;
  hasSource: boolean;
  hasPeople: boolean;
  hasBackup: boolean;
  /** Nothing is there yet: somebody may want to look around first. */
  offersSample: boolean;
}

const HIDDEN = 'dabir.checklist.hidden';

export function Checklist({ hasMeetings, hasSource, hasPeople, hasBackup, offersSample }: Props) {
  const { t } = useLingui();
  const mayRun = useMayRun();
  const { add } = useSample();
  const isAdmin = useIsAdmin();
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) === 'yes');
  if (hidden || (hasMeetings && hasSource && hasPeople && hasBackup)) return null;
  const hide = () => {
    localStorage.setItem(HIDDEN, 'yes');
    setHidden(true);
  };
  const actions = (
    <Button weight="bare" size="small" onPress={hide}>
      <Trans>Hide</Trans>
    </Button>
  );
  return (
    <Panel title={t`First steps`} actions={actions}>
      <ol>
        <Step done={hasMeetings} title={<Trans>Make a meeting</Trans>}>
          <Trans>
            <Link to="." search={(old) => ({ ...old, new: 'meeting' as const })} className={LINK}>
              New meeting
            </Link>
            : a name is enough.
          </Trans>
          {offersSample && mayRun && (
            <span className="block pt-1">
              <Button size="small" onPress={() => void add()}>
                <Trans>Try with sample data</Trans>
              </Button>
            </span>
          )}
        </Step>
        <Step done={hasSource} title={<Trans>Let Dabir fetch meetings</Trans>}>
          <Trans>
            Set <Code>[meetings.django] url</Code> in <Code>dabir.toml</Code>, when there is such a list.
          </Trans>
        </Step>
        <Step done={hasPeople} title={<Trans>Bring somebody in</Trans>}>
          <Trans>Send the link of a live meeting; people need a name and nothing else.</Trans>{' '}
          {isAdmin && (
            <Trans>
              Who runs the house with you gets an account:{' '}
              <Link to="/users" search={{ invite: 'yes' }} className={LINK}>
                invite somebody
              </Link>
              .
            </Trans>
          )}
        </Step>
        <Step done={hasBackup} title={<Trans>See that there is a backup</Trans>}>
          <Trans>
            The ports are saved before every change;{' '}
            <Link to="/ports" className={LINK}>
              there
            </Link>{' '}
            they are brought back.
          </Trans>
        </Step>
      </ol>
    </Panel>
  );
}

const LINK = 'text-lajvard underline';

function Code({ children }: { children: ReactNode }) {
  return (
    <bdi dir="ltr" className="font-mono text-sm">
      {children}
    </bdi>
  );
}

function Step({ done, title, children }: { done: boolean; title: ReactNode; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[auto_1fr] items-baseline gap-x-3 border-t border-dashed border-line py-2 first:border-t-0">
      <span className={done ? 'text-firuze' : 'text-ink-3'}>
        <Shape tone={done ? 'live' : 'wait'} />
      </span>
      <div>
        <p className={cx('font-semibold', done && 'text-ink-2')}>
          {title}
          {done && (
            <span className="text-sm font-normal text-firuze">
              {' · '}
              <Trans>done</Trans>
            </span>
          )}
        </p>
        {!done && <p className="text-ink-2">{children}</p>}
      </div>
    </li>
  );
}
