// Which changes are shown: by whom, of what kind, about which thing, on which days. It all stands in the address.

import { Trans, useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { byName } from '../../../lib/collate';
import { Button, IconButton } from '../../../ui/Button';
import { DaysPicker } from '../../../ui/dates';
import type { Days } from '../../../ui/dates/DatePicker';
import { Select } from '../../../ui/Select';
import type { Entry } from '../api';
import { useActors } from '../hooks';
import { ACTIONS, KINDS } from '../model';
import type { AuditSearch } from '../search';

interface Props {
  search: AuditSearch;
  entries: readonly Entry[];
  onChange: (search: Partial<AuditSearch>) => void;
}

const ALL = 'all';

export function AuditFilters({ search, entries, onChange }: Props) {
  const { t } = useLingui();
  const days: Days | null = search.from && search.to ? { from: search.from, to: search.to } : null;
  return (
    <div className="flex flex-wrap items-center gap-3 pb-4">
      <Who search={search} entries={entries} onChange={onChange} />
      <Select
        label={t`What`}
        isLabelHidden
        options={useWhat(search.what)}
        value={search.what ?? ALL}
        onChange={(what) => onChange({ what: what === ALL ? undefined : what })}
        className="w-56 max-sm:w-auto max-sm:flex-1"
      />
      <div className="flex items-center">
        <DaysPicker label={t`Days`} value={days} onChange={(chosen) => onChange({ from: chosen?.from, to: chosen?.to })} />
        {days && (
          <IconButton aria-label={t`All days`} onPress={() => onChange({ from: undefined, to: undefined })}>
            <X size={16} aria-hidden />
          </IconButton>
        )}
      </div>
      {search.id && (
        <Chip onRemove={() => onChange({ kind: undefined, id: undefined })}>
          <Trans>
            Only about <bdi className="font-semibold">{entries.find(({ target_id }) => target_id === search.id)?.target_name || search.id}</bdi>
          </Trans>
        </Chip>
      )}
    </div>
  );
}

function Who({ search, entries, onChange }: Props) {
  const { t } = useLingui();
  const actors = [...useActors(entries)].sort((a, b) => byName(a.name, b.name));
  const known = actors.map(({ id, name }) => ({ id, text: name || id }));
  const unknown = search.who && !actors.some(({ id }) => id === search.who) ? [{ id: search.who, text: search.who }] : [];
  return (
    <Select
      label={t`Who`}
      isLabelHidden
      options={[{ id: ALL, text: t`Everybody` }, ...unknown, ...known]}
      value={search.who ?? ALL}
      onChange={(who) => onChange({ who: who === ALL ? undefined : who })}
      className="w-48 max-sm:w-auto max-sm:flex-1"
    />
  );
}

/** Whole kinds first, then each action. */
function useWhat(chosen: string | undefined) {
  const { t } = useLingui();
  const kinds = Object.entries(KINDS).map(([id, word]) => ({ id, text: t(word) }));
  const actions = Object.entries(ACTIONS).map(([id, word]) => ({ id, text: t(word) }));
  const known = [{ id: ALL, text: t`Everything` }, ...kinds, ...actions];
  return chosen && !known.some(({ id }) => id === chosen) ? [...known, { id: chosen, text: chosen }] : known;
}

function Chip({ children, onRemove }: { children: ReactNode; onRemove: () => void }) {
  const { t } = useLingui();
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-full border border-line-strong bg-surface ps-3">
      <span className="truncate">{children}</span>
      <Button weight="bare" size="small" aria-label={t`About everything`} onPress={onRemove}>
        <X size={16} aria-hidden />
      </Button>
    </span>
  );
}
