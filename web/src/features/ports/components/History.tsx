// The changes of the active port, the newest first.

import { Trans, useLingui } from '@lingui/react/macro';
import { MoveRight } from 'lucide-react';
import type { components } from '../../../api/schema.gen';
import { Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import { Stamp } from './Stamp';

export function History({ entries }: { entries: readonly components['schemas']['HistoryView'][] }) {
  const { t } = useLingui();
  return (
    <Panel title={t`Changes of the active port`}>
      {entries.length === 0 && (
        <p className="text-ink-2">
          <Trans>None so far.</Trans>
        </p>
      )}
      <ol className="max-h-80 overflow-y-auto">
        {entries.toReversed().map(({ time, at, prev, new: next }, index) => (
          <li key={entries.length - index} className="flex flex-wrap items-center justify-between gap-x-4 border-t border-line py-1.5 first:border-t-0">
            <span className="inline-flex items-center gap-2">
              <Port port={prev} />
              <MoveRight size={15} aria-hidden className="mirror text-ink-3" />
              <Port port={next} />
            </span>
            <span className="text-ink-2 tabular">
              <Stamp stamp={time} at={at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Port({ port }: { port: number | null | undefined }) {
  return port ? (
    <Mono>{port}</Mono>
  ) : (
    <span className="text-ink-2">
      <Trans>none</Trans>
    </span>
  );
}
