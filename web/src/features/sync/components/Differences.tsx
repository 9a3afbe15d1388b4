// The fields of a row that a run changed, before and after.

import { Trans, useLingui } from '@lingui/react/macro';
import { Comparison } from '../../../ui/Comparison';
import { Mono } from '../../../ui/Text';
import type { Change, Json } from '../api';

export function Differences({ change: { key, before, after } }: { change: Change }) {
  const { t } = useLingui();
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) {
    return (
      <p className="text-ink-2">
        <Trans>No field of it was kept.</Trans>
      </p>
    );
  }
  const rows = names.map((name) => ({ id: name, name: <Mono>{name}</Mono>, before: shown(before?.[name]), after: shown(after?.[name]) }));
  return <Comparison label={t`Before and after: ${key}`} rows={rows} />;
}

function shown(value: Json | undefined) {
  if (value === undefined || value === null) return null;
  return <bdi>{typeof value === 'string' ? value : JSON.stringify(value)}</bdi>;
}
