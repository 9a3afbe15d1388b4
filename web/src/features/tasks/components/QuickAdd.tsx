// The line that makes a task of what one writes, and shows meanwhile how it is understood.

import { Trans, useLingui } from '@lingui/react/macro';
import { CalendarDays, Tag, UserRound, X } from 'lucide-react';
import { useState, type ReactNode, type Ref } from 'react';
import { usePreferences } from '../../../lib/reader';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Wrong } from '../../../ui/Field';
import { peopleNamed, type NewTask, type Person, type Status, type Task } from '../api';
import { useTaskDeeds } from '../deeds';
import { isPerson, useDraft } from '../hooks';
import { PRIORITIES } from '../model';
import { parse, type Said } from '../quick';
import { MentionField } from './MentionField';
import { useDueWords } from './Names';

interface Props {
  fieldRef: Ref<HTMLTextAreaElement>;
  onOpen: (task: Task) => void;
}

const MAX_LINE = 400;

export function QuickAdd({ fieldRef, onOpen }: Props) {
  const { t } = useLingui();
  const { zone } = usePreferences().preferences;
  const { add } = useTaskDeeds();
  const [draft, setDraft] = useDraft('task');
  const [known, setKnown] = useState<readonly Person[]>([]);
  const [undated, setUndated] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [strange, setStrange] = useState<string | null>(null);
  const line = draft ?? '';
  const said = parse(line, { now: Date.now(), zone, known });
  const understood = undated && said.dueWords === undated ? parse(line, { now: Date.now(), zone, known, isDated: false }) : said;
  const write = (text: string) => (setDraft(text.replace(/\n/g, ' ') || null), setStrange(null), setError(null));
  const send = async () => {
    if (!understood.title) return;
    try {
      const { ids, missing } = await look(understood);
      if (missing) return setStrange(missing);
      await add(toNew(understood, ids), onOpen);
      write('');
      setKnown([]);
      setUndated('');
    } catch (refused) {
      setError(refused);
    }
  };
  const name = strange && isolate(strange);
  return (
    <form className="grid gap-2 pb-4" onSubmit={(event) => (event.preventDefault(), void send())}>
      <div className="flex items-start gap-2">
        <MentionField
          fieldRef={fieldRef}
          label={t`New task`}
          placeholder={t`Report tomorrow 10 @Sara`}
          value={line}
          onChange={write}
          onMention={(person) => setKnown((old) => [...old, person])}
          onSend={() => void send()}
          maxLength={MAX_LINE}
        />
        <Button type="submit" weight="primary" isDisabled={!understood.title}>
          <Trans>Add</Trans>
        </Button>
      </div>
      {line.trim() && <Understood said={understood} onUndate={() => setUndated(said.dueWords)} />}
      <Wrong>{name && <Trans>Nobody, or more than one, is called {name}; write @ and choose from the list.</Trans>}</Wrong>
      {error !== null && <ErrorView error={error} effect={t`The task was not added.`} />}
    </form>
  );
}

/** The ids of those who are named, or a name that means nobody or several. */
async function look({ people, names }: Said): Promise<{ ids: string[]; missing: string | null }> {
  const ids = people.flatMap(({ id }) => id ?? []);
  for (const name of names) {
    const found = (await peopleNamed(name)).filter(isPerson);
    const [one] = found.length === 1 ? found : found.filter((person) => person.name === name);
    if (!one) return { ids, missing: name };
    ids.push(one.id);
  }
  return { ids: [...new Set(ids)], missing: null };
}

function toNew({ title, due, labels, priority }: Said, assignees: string[], status?: Status): NewTask {
  const until = due?.at ?? due?.day;
  return { title, ...(status && { status }), ...(until && { due: until }), ...(labels.length > 0 && { labels: [...labels] }), ...(priority && { priority }), ...(assignees.length > 0 && { assignees }) };
}

function Understood({ said, onUndate }: { said: Said; onUndate: () => void }) {
  const { t } = useLingui();
  const words = useDueWords();
  const { title, due, people, names, labels, priority } = said;
  const until = due?.at ?? due?.day;
  return (
    <p role="status" className="flex min-h-8 flex-wrap items-center gap-2 text-sm text-ink-2">
      <bdi className="font-semibold text-ink">{title || t`(without a title)`}</bdi>
      {until && (
        <Chip icon={<CalendarDays size={14} aria-hidden />}>
          {words(until)}
          <button type="button" aria-label={t`This is no date`} onClick={onUndate} className="-me-1 grid size-6 place-items-center rounded-sm cursor-pointer hover:bg-surface">
            <X size={14} aria-hidden />
          </button>
        </Chip>
      )}
      {[...people.map(({ name }) => name), ...names].map((name) => (
        <Chip key={name} icon={<UserRound size={14} aria-hidden />}>
          {name}
        </Chip>
      ))}
      {labels.map((label) => (
        <Chip key={label} icon={<Tag size={14} aria-hidden />}>
          {label}
        </Chip>
      ))}
      {priority && <Chip>{t(PRIORITIES[priority])}</Chip>}
    </p>
  );
}

function Chip({ icon, children }: { icon?: ReactNode; children: ReactNode }) {
  return (
    <span className="inline-flex min-h-6 items-center gap-1 rounded-full bg-sunken px-2">
      {icon}
      <bdi className="inline-flex items-center gap-1">{children}</bdi>
    </span>
  );
}
