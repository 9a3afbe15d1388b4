// How a source stands, beside whatever is shown of it, and its switch.

import { Trans, useLingui } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import { useIsAdmin } from '../../../lib/user';
import { WhenWords } from '../../jobs/components/WhenWords';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Switch } from '../../../ui/Switch';
import { Time } from '../../../ui/Text';
import type { Source } from '../api';
import { useNameOf, useSourceActions } from '../hooks';
import { lacksLogin } from '../model';
import { Last } from './Last';

export function Circumstances({ source }: { source: Source }) {
  const { t } = useLingui();
  const formats = useFormats();
  return (
    <Panel title={t`Schedule`}>
      <div className="grid gap-3">
        <ByItself source={source} />
        <Facts>
          {source.enabled && (
            <>
              <Fact name={t`When`}>
                <WhenWords schedule={{ every: source.interval }} />
              </Fact>
              <Fact name={t`Next`}>{source.next_at ? <Time at={source.next_at} style="full" /> : '—'}</Fact>
            </>
          )}
          <Fact name={t`Last sync`}>
            <Last at={source.last_success_at} />
          </Fact>
          <Fact name={t`Records`}>{formats.number(source.rows)}</Fact>
        </Facts>
      </div>
    </Panel>
  );
}

function ByItself({ source }: { source: Source }) {
  const { t } = useLingui();
  const isAdmin = useIsAdmin();
  const name = useNameOf()(source.name);
  const { turn } = useSourceActions();
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <span className="font-semibold">
        <Trans>Synced by itself</Trans>
      </span>
      <Switch
        label={t`${name} is synced by itself`}
        isOn={source.enabled}
        isDisabled={!isAdmin || (!source.enabled && lacksLogin(source))}
        onChange={(isOn) => void turn(source, isOn)}
      />
    </div>
  );
}
