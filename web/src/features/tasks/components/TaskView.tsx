// A task whole: what it says, who does it until when, what hangs on it, what is said about it, what happened to it.

import { Trans, useLingui } from '@lingui/react/macro';
import { Pencil, Plus, X } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { isolate } from '../../../lib/bidi';
import { useMayWrite } from '../../../lib/user';
import { Button, IconButton } from '../../../ui/Button';
import { TextField } from '../../../ui/Field';
import { Answers } from '../../../ui/Overlay';
import { Fact, Facts } from '../../../ui/Panel';
import { Select } from '../../../ui/Select';
import { Time } from '../../../ui/Text';
import type { Detail } from '../api';
import { useChange, type Change } from '../deeds';
import { namesOf, useDraft } from '../hooks';
import { ordered, PRIORITIES, PRIORITY_NAMES, STATUSES, STATUS_NAMES, type Order } from '../model';
import { Activities } from './Activities';
import type { Asked } from './Ask';
import { Checklist } from './Checklist';
import { Comments } from './Comments';
import { ConflictNote } from './ConflictNote';
import { Links } from './Links';
import { DueMark, PriorityMark, StatusMark } from './Names';
import { RichText } from './RichText';

const Ask = lazy(async () => ({ default: (await import('./Ask')).Ask }));
const Files = lazy(async () => ({ default: (await import('./Files')).Files }));

export function TaskView({ task }: { task: Detail }) {
  const mayWrite = useMayWrite();
  const { change, ...clash } = useChange(task);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {clash.conflict && <ConflictNote {...clash} conflict={clash.conflict} />}
      {mayWrite && <TitleField task={task} change={change} />}
      <Circumstances task={task} change={change} />
      <Description task={task} change={change} />
      <Checklist task={task} change={change} />
      <Suspense fallback={<Waited />}>
        <Files task={task} />
      </Suspense>
      <Links task={task} />
      <Comments task={task} />
      <Activities task={task} />
    </div>
  );
}

export function Part({ title, actions, children }: { title: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <header className="flex min-h-9 flex-wrap items-center justify-between gap-2">
        <h3 className="font-bold">{title}</h3>
        {actions}
      </header>
      {children}
    </section>
  );
}

/** As high as the files are, so that nothing below moves when they come. */
function Waited() {
  return (
    <Part title={<Trans>Files</Trans>}>
      <p aria-hidden="true">&nbsp;</p>
    </Part>
  );
}

interface Props {
  task: Detail;
  change: Change;
}

/** The text that is being written, and the task as it was when that began: what others change meanwhile is not overwritten. */
function useWriting(task: Detail, field: 'title' | 'description', change: Change) {
  const [draft, setDraft] = useDraft(`task.${task.number}.${field}`);
  const [base, setBase] = useDraft(`task.${task.number}.${field}.base`);
  const begin = () => {
    setBase(JSON.stringify({ version: task.version, [field]: task[field] }));
    setDraft(task[field]);
  };
  const end = () => (setDraft(null), setBase(null));
  const save = async () => {
    if (draft === null || draft === task[field]) return end();
    const before = JSON.parse(base ?? '{}') as Partial<Detail>;
    if (await change({ [field]: draft }, { ...task, ...before })) end();
  };
  return { draft, setDraft, begin, end, save };
}

function TitleField({ task, change }: Props) {
  const { t } = useLingui();
  const { draft, setDraft, begin, end, save } = useWriting(task, 'title', change);
  if (draft === null) {
    return (
      <div>
        <Button size="small" weight="bare" onPress={begin}>
          <Pencil size={14} aria-hidden />
          <Trans>Change the title</Trans>
        </Button>
      </div>
    );
  }
  return (
    <form className="grid gap-2" onSubmit={(event) => (event.preventDefault(), draft.trim() && void save())}>
      <TextField autoFocus label={t`Title`} value={draft} onChange={setDraft} maxLength={300} error={draft.trim() ? undefined : t`A task needs a title.`} />
      <Saving onCancel={end} />
    </form>
  );
}

function Saving({ onCancel }: { onCancel: () => void }) {
  return (
    <Answers>
      <Button size="small" onPress={onCancel}>
        <Trans>Cancel</Trans>
      </Button>
      <Button size="small" type="submit" weight="primary">
        <Trans>Save</Trans>
      </Button>
    </Answers>
  );
}

function Description({ task, change }: Props) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const { draft, setDraft, begin, end, save } = useWriting(task, 'description', change);
  const edit = mayWrite && draft === null && (
    <IconButton aria-label={t`Change the text`} onPress={begin}>
      <Pencil size={16} aria-hidden />
    </IconButton>
  );
  return (
    <Part title={<Trans>Text</Trans>} actions={edit}>
      {draft !== null ? (
        <form className="grid gap-2" onSubmit={(event) => (event.preventDefault(), void save())}>
          <TextField autoFocus label={t`Text`} isLabelHidden rows={8} value={draft} onChange={setDraft} maxLength={20_000} hint={<Trans>Lines that begin with - or 1. become lists.</Trans>} />
          <Saving onCancel={end} />
        </form>
      ) : task.description ? (
        <RichText text={task.description} />
      ) : (
        <p className="text-ink-3">
          <Trans>no text yet</Trans>
        </p>
      )}
    </Part>
  );
}

function Circumstances({ task, change }: Props) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const [wanted, setWanted] = useState<Asked['wanted'] | null>(null);
  const names = namesOf([task]);
  const obey = (order: Order) => {
    const { due, assignees, labels } = ordered(task, order);
    void change({ ...(order.due !== undefined && { due: due ?? null }), ...(order.add_labels && { labels }), ...((order.add_assignees ?? order.remove_assignees) && { assignees }) });
  };
  const more = (wanted: Asked['wanted'], label: string) =>
    mayWrite && (
      <IconButton aria-label={label} onPress={() => setWanted(wanted)}>
        <Plus size={16} aria-hidden />
      </IconButton>
    );
  const without = (all: readonly string[], one: string) => all.filter((other) => other !== one);
  return (
    <>
      {mayWrite && (
        <div className="grid grid-cols-2 gap-3">
          <Select label={t`Status`} options={STATUS_NAMES.map((id) => ({ id, text: t(STATUSES[id].word) }))} value={task.status} onChange={(status) => void change({ status })} />
          <Select label={t`Priority`} options={PRIORITY_NAMES.map((id) => ({ id, text: t(PRIORITIES[id]) }))} value={task.priority} onChange={(priority) => void change({ priority })} />
        </div>
      )}
      <Facts>
        {!mayWrite && (
          <Fact name={t`Status`}>
            <StatusMark status={task.status} /> <PriorityMark priority={task.priority} />
          </Fact>
        )}
        <Fact name={t`Due`}>
          <span className="flex flex-wrap items-center gap-2">
            {task.due ? <DueMark task={task} /> : <Trans>no date</Trans>}
            {mayWrite && (
              <IconButton aria-label={t`Change the date`} onPress={() => setWanted('due')}>
                <Pencil size={16} aria-hidden />
              </IconButton>
            )}
          </span>
        </Fact>
        <Fact name={t`Assignees`}>
          <Tags
            tags={task.assignees.map((id) => ({ id, text: names.get(id) ?? id }))}
            empty={t`nobody yet`}
            {...(mayWrite && { onRemove: (id: string) => void change({ assignees: without(task.assignees, id) }) })}
          >
            {more('assignee', t`Give it to somebody`)}
          </Tags>
        </Fact>
        <Fact name={t`Labels`}>
          <Tags
            tags={task.labels.map((id) => ({ id, text: id }))}
            empty={t`none`}
            {...(mayWrite && { onRemove: (label: string) => void change({ labels: without(task.labels, label) }) })}
          >
            {more('label', t`Add a label`)}
          </Tags>
        </Fact>
        <Fact name={t`Made`}>
          <bdi>{task.created_by.name}</bdi> · <Time at={task.created_at} />
        </Fact>
      </Facts>
      <Suspense fallback={null}>{wanted && <Ask wanted={wanted} tasks={[task]} onOrder={obey} onClose={() => setWanted(null)} />}</Suspense>
    </>
  );
}

interface TagsProps {
  tags: readonly { id: string; text: string }[];
  empty: string;
  onRemove?: (id: string) => void;
  children: ReactNode;
}

function Tags({ tags, empty, onRemove, children }: TagsProps) {
  return (
    <ul className="flex flex-wrap items-center gap-1.5">
      {tags.map(({ id, text }) => (
        <li key={id} className="inline-flex min-h-8 max-w-full items-center gap-1 rounded-full bg-sunken ps-3 pe-1">
          <bdi className="truncate">{text}</bdi>
          {onRemove ? <Remove text={text} onPress={() => onRemove(id)} /> : <span className="w-1" />}
        </li>
      ))}
      {tags.length === 0 && <li className="text-ink-3">{empty}</li>}
      {children && <li>{children}</li>}
    </ul>
  );
}

function Remove({ text, onPress }: { text: string; onPress: () => void }) {
  const { t } = useLingui();
  const name = isolate(text);
  return (
    <button type="button" aria-label={t`Take “${name}” away`} onClick={onPress} className="grid size-7 place-items-center rounded-full cursor-pointer text-ink-2 hover:bg-surface">
      <X size={14} aria-hidden />
    </button>
  );
}
