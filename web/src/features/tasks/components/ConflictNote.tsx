// “Changed meanwhile”: what somebody else wrote, what oneself wrote, and the choice between them.

import { Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../../../ui/Button';
import { Time } from '../../../ui/Text';
import type { Check, Detail } from '../api';
import type { Conflict } from '../deeds';
import { namesOf } from '../hooks';
import { FIELDS, PRIORITIES, STATUSES, type Field } from '../model';
import { useDueWords } from './Names';

interface Props {
  conflict: Conflict;
  keepMine: () => Promise<boolean>;
  takeTheirs: () => void;
}

export function ConflictNote({ conflict: { patch, fields, now }, keepMine, takeTheirs }: Props) {
  const { t } = useLingui();
  const words = useValueWords(now);
  return (
    <div role="alert" className="grid gap-2 rounded-md border border-zaferan bg-zaferan-soft px-4 py-3">
      <p className="font-bold">
        <Trans>Changed meanwhile</Trans>
      </p>
      <p>
        <Trans>
          <bdi>{now.updated_by.name}</bdi> changed this at <Time at={now.updated_at} />, so yours was not saved yet.
        </Trans>
      </p>
      {fields.map((field) => (
        <dl key={field} className="grid gap-2 sm:grid-cols-2">
          <Value name={t`Theirs: ${t(FIELDS[field])}`} text={words(field, now[field])} />
          <Value name={t`Yours: ${t(FIELDS[field])}`} text={words(field, patch[field])} />
        </dl>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button size="small" onPress={() => void keepMine()}>
          <Trans>Save mine over it</Trans>
        </Button>
        <Button size="small" weight="bare" onPress={takeTheirs}>
          <Trans>Leave theirs</Trans>
        </Button>
      </div>
    </div>
  );
}

function Value({ name, text }: { name: string; text: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm font-semibold text-ink-2">{name}</dt>
      <dd dir="auto" className="max-h-48 overflow-y-auto rounded-sm bg-surface px-2 py-1 whitespace-pre-line wrap-anywhere">
        {text || '—'}
      </dd>
    </div>
  );
}

/** What a field holds, as words. */
export function useValueWords(task: Pick<Detail, 'people'>) {
  const { t } = useLingui();
  const due = useDueWords();
  const names = namesOf([task]);
  return (field: Field, value: unknown): string => {
    if (value === null || value === undefined || value === '') return '';
    switch (field) {
      case 'status':
        return t(STATUSES[value as Detail['status']].word);
      case 'priority':
        return t(PRIORITIES[value as Detail['priority']]);
      case 'due':
        return due(String(value));
      case 'assignees':
        return (value as string[]).map((id) => names.get(id) ?? id).join('\n');
      case 'checklist':
        return (value as Check[]).map(({ text, done }) => `${done ? '☑' : '☐'} ${text}`).join('\n');
      default:
        return Array.isArray(value) ? value.join('\n') : String(value);
    }
  };
}
