// Which changes are shown: by whom, of what kind, about which thing, on which days. It all stands in the address.

import { Trans, useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { byName } from '../../../lib/collate';
import { Button } from '../../../ui/Button';
import { DaysFilter, FilterBar, FilterSelect } from '../../../ui/Filters';
import type { Option } from '../../../ui/Select';
import type { Entry } from '../api';
import { useActors } from '../hooks';
import { ACTIONS, KINDS } from '../model';
import type { AuditSearch } from '../search';

interface Props {
  search: AuditSearch;
  entries: readonly Entry[];
  onChange: (search: Partial<AuditSearch>) => void;
}

type Options = readonly Option<string>[];

export function AuditFilters({ search, entries, onChange }: Props) {
  const { t } = useLingui();
  return (
    <FilterBar>
      <FilterSelect label={t`Who`} all={t`Everybody`} options={useWho(search.who, entries)} value={search.who} onChange={(who) => onChange({ who })} />
      <FilterSelect label={t`What`} all={t`Everything`} options={useWhat(search.what)} value={search.what} onChange={(what) => onChange({ what })} />
      <DaysFilter search={search} onChange={onChange} />
      {search.id && (
        <Chip onRemove={() => onChange({ kind: undefined, id: undefined })}>
          <Trans>
            Only about <bdi className="font-semibold">{entries.find(({ target_id }) => target_id === search.id)?.target_name || search.id}</bdi>
          </Trans>
        </Chip>
      )}
    </FilterBar>
  );
}

function useWho(chosen: string | undefined, entries: readonly Entry[]): Options {
  const actors = [...useActors(entries)].sort((a, b) => byName(a.name, b.name));
  return withChosen(chosen, actors.map(({ id, name }) => ({ id, text: name || id })));
}

/** Whole kinds first, then each action. */
function useWhat(chosen: string | undefined): Options {
  const { t } = useLingui();
  return withChosen(chosen, [...Object.entries(KINDS), ...Object.entries(ACTIONS)].map(([id, word]) => ({ id, text: t(word) })));
}

/** An address may name what is not known here. */
function withChosen(chosen: string | undefined, known: Options): Options {
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
