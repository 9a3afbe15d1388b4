// One change: who made it, from where, and what was before and after.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { ROLE_NAMES } from '../../../lib/roles';
import type { Role } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { Comparison } from '../../../ui/Comparison';
import { SidePanel } from '../../../ui/Overlay';
import { Fact, Facts } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
import type { Entry } from '../api';
import { ACTORS, compare, isMoment, PARTS, type Change, type Value } from '../model';
import type { AuditSearch } from '../search';
import { ActionName, ActorName, SubjectName } from './Names';

interface Props {
  entry: Entry;
  onFilter: (search: AuditSearch) => void;
  onClose: () => void;
}

export function EntryPanel({ entry, onFilter, onClose }: Props) {
  return (
    <SidePanel title={<ActionName action={entry.action} />} isOpen onClose={onClose}>
      <div className="grid gap-5">
        <Circumstances entry={entry} />
        <div className="flex flex-wrap gap-2">
          <Button size="small" isDisabled={!entry.actor_id} onPress={() => onFilter({ who: entry.actor_id })}>
            <Trans>All that they did</Trans>
          </Button>
          <Button size="small" isDisabled={!entry.target_id} onPress={() => onFilter({ kind: entry.target_kind, id: entry.target_id })}>
            <Trans>All about this</Trans>
          </Button>
        </div>
        <Differences entry={entry} />
        <Proof entry={entry} />
      </div>
    </SidePanel>
  );
}

function Circumstances({ entry }: { entry: Entry }) {
  const { t } = useLingui();
  const kind = ACTORS[entry.actor_kind];
  return (
    <Facts>
      <Fact name={t`When`}>
        <Time at={entry.at} style="moment" />
      </Fact>
      <Fact name={t`Who`}>
        <ActorName entry={entry} /> {entry.actor_name && kind && <span className="text-sm text-ink-2">{t(kind)}</span>}
      </Fact>
      <Fact name={t`About`}>
        <SubjectName entry={entry} />
      </Fact>
      {entry.address && (
        <Fact name={t`From`}>
          <Mono>{entry.address}</Mono>
        </Fact>
      )}
    </Facts>
  );
}

function Differences({ entry: { before, after } }: { entry: Entry }) {
  const { t } = useLingui();
  const changes = compare(before, after);
  if (changes.length === 0) {
    return (
      <p className="text-ink-2">
        <Trans>It changed nothing that is written down here.</Trans>
      </p>
    );
  }
  const rows = changes.map((change) => ({
    id: change.part,
    name: <Part name={change.part} />,
    before: show(change, change.before),
    after: show(change, change.after),
    isSame: change.isSame,
  }));
  return <Comparison label={t`Before and after`} rows={rows} />;
}

function Part({ name }: { name: string }) {
  const { t } = useLingui();
  const word = PARTS[name];
  return word ? t(word) : <Mono>{name}</Mono>;
}

function show({ part }: Change, value: Value): ReactNode {
  return value === null ? null : <Shown part={part} value={value} />;
}

const LANGUAGES: Record<string, string> = { fa: 'فارسی', en: 'English' };

function Shown({ part, value }: { part: string; value: NonNullable<Value> }) {
  const { t } = useLingui();
  if (typeof value === 'boolean') return value ? t`yes` : t`no`;
  if (isMoment(value)) return <Time at={value} />;
  if (part === 'language') return LANGUAGES[String(value)] ?? <bdi>{value}</bdi>;
  const role = part === 'role' ? ROLE_NAMES[String(value) as Role] : undefined;
  return role ? t(role) : <bdi>{value}</bdi>;
}

/** What finds it again, and proves it. */
function Proof({ entry }: { entry: Entry }) {
  const { t } = useLingui();
  return (
    <Facts>
      <Fact name={t`Number`}>
        <Mono>{entry.seq}</Mono>
      </Fact>
      <Fact name={t`Name`}>
        <Mono>{entry.action}</Mono>
      </Fact>
      {entry.request_id && (
        <Fact name={t`Request`}>
          <Mono>{entry.request_id}</Mono>
        </Fact>
      )}
      <Fact name={t`Seal`}>
        <Mono className="text-xs">{entry.hash}</Mono>
      </Fact>
    </Facts>
  );
}
