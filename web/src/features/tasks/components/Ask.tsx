// Asks what is to become of some tasks: their status, whom they are given to, until when, which label they get.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { Box } from '../../../ui/Overlay';
import { Shape } from '../../../ui/Status';
import { listLabels, type Task } from '../api';
import { STATUSES, STATUS_NAMES, type Order } from '../model';
import { DueField } from './DueField';
import { PeoplePicker } from './PeoplePicker';

export type Wanted = 'status' | 'assignee' | 'due' | 'label' | 'delete';

export interface Asked {
  wanted: Exclude<Wanted, 'delete'>;
  tasks: readonly Task[];
}

interface Props extends Asked {
  onOrder: (order: Order, tasks: readonly Task[]) => void;
  onClose: () => void;
}

export function Ask({ wanted, tasks, onOrder, onClose }: Props) {
  const { t } = useLingui();
  const titles = { status: t`Status`, assignee: t`Give to`, due: t`Due`, label: t`Add a label` };
  const give = (order: Order) => (onClose(), onOrder(order, tasks));
  const [only] = tasks.length === 1 ? tasks : [];
  return (
    <Box title={titles[wanted]} isOpen onClose={onClose}>
      {only && (
        <p className="text-ink-2 wrap-anywhere">
          <bdi>{only.title}</bdi>
        </p>
      )}
      {wanted === 'status' && <StatusChoice onPick={(status) => give({ status })} />}
      {wanted === 'assignee' && <GiveTo only={only} onOrder={give} />}
      {wanted === 'due' && <DueField value={only?.due ?? null} onChange={(due) => give({ due })} />}
      {wanted === 'label' && <LabelField without={only?.labels} onPick={(label) => give({ add_labels: [label] })} />}
    </Box>
  );
}

function StatusChoice({ onPick }: { onPick: (status: Task['status']) => void }) {
  const { t } = useLingui();
  return (
    <div className="grid grid-cols-2 gap-2">
      {STATUS_NAMES.map((status, at) => (
        <Button key={status} autoFocus={at === 0} onPress={() => onPick(status)}>
          <Shape tone={STATUSES[status].tone} />
          {t(STATUSES[status].word)}
        </Button>
      ))}
    </div>
  );
}

function GiveTo({ only, onOrder }: { only: Task | undefined; onOrder: (order: Order) => void }) {
  const { t } = useLingui();
  const assignees = only?.assignees ?? [];
  return (
    <>
      <PeoplePicker label={t`Who is to do it`} without={assignees} onPick={({ id }) => onOrder({ add_assignees: [id] })} />
      {assignees.length > 0 && (
        <div>
          <Button size="small" weight="bare" onPress={() => onOrder({ remove_assignees: assignees })}>
            <Trans>Give to nobody</Trans>
          </Button>
        </div>
      )}
    </>
  );
}

/** How many known labels are offered. */
const SHOWN = 12;

function LabelField({ without = [], onPick }: { without: readonly string[] | undefined; onPick: (label: string) => void }) {
  const { t } = useLingui();
  const [text, setText] = useState('');
  const { data = [] } = useQuery(listLabels());
  const known = data.map(({ label }) => label).filter((label) => !without.includes(label) && label.includes(text.trim()));
  const pick = (label: string) => (setText(''), onPick(label));
  return (
    <form className="grid gap-2" onSubmit={(event) => (event.preventDefault(), text.trim() && pick(text.trim()))}>
      <div className="flex items-end gap-2">
        <TextField autoFocus className="flex-1" label={t`Label`} value={text} onChange={setText} maxLength={50} />
        <Button type="submit" isDisabled={!text.trim()}>
          <Trans>Add</Trans>
        </Button>
      </div>
      <ul className="flex flex-wrap gap-1">
        {known.slice(0, SHOWN).map((label) => (
          <li key={label}>
            <Button size="small" onPress={() => pick(label)}>
              <bdi>{label}</bdi>
            </Button>
          </li>
        ))}
      </ul>
    </form>
  );
}
