// What a run found about the table itself.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import type { Notes } from '../api';

export function Found({ notes: { added, widened, missing, warnings } }: { notes: Notes }) {
  const { t } = useLingui();
  if (added.length + widened.length + missing.length + warnings.length === 0) return null;
  return (
    <Panel title={t`About the table`}>
      <Facts>
        {added.length > 0 && <Fact name={t`New columns`}>{listed(added)}</Fact>}
        {widened.length > 0 && <Fact name={t`Columns that hold more now`}>{listed(widened)}</Fact>}
        {missing.length > 0 && (
          <Fact name={t`Columns without their field`}>
            {listed(missing)}{' '}
            <span className="text-sm text-ink-2">
              <Trans>No row had it; what stood there stays.</Trans>
            </span>
          </Fact>
        )}
        {warnings.length > 0 && (
          <Fact name={t`To be looked at`}>
            <ul>
              {warnings.map((warning) => (
                <li key={warning}>
                  <bdi lang="en">{warning}</bdi>
                </li>
              ))}
            </ul>
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}

const listed = (names: readonly string[]): ReactNode => (
  <span className="flex flex-wrap gap-x-3">
    {names.map((name) => (
      <Mono key={name} className="wrap-anywhere">
        {name}
      </Mono>
    ))}
  </span>
);
