// What is said about a task, the oldest first, with the answers below what they answer; `@` calls somebody to it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Reply, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useMayWrite, useUser } from '../../../lib/user';
import { Button, IconButton } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { useFailure } from '../../../ui/failure';
import { Time } from '../../../ui/Text';
import { soon } from '../../../ui/Toast';
import { me } from '../../account/api';
import { keys, listComments, rephrase, say, takeBack, type Comment, type Detail, type Person } from '../api';
import { isPerson, useDraft } from '../hooks';
import { grouped, nameOf } from '../model';
import { MentionField } from './MentionField';
import { RichText } from './RichText';
import { Part } from './TaskView';

export function Comments({ task }: { task: Detail }) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(listComments(nameOf(task)));
  const renew = useRenewed(task);
  const comments = data?.pages.flatMap(({ items }) => items) ?? [];
  const people = data?.pages.flatMap(({ people }) => people).filter(isPerson) ?? [];
  const answers = grouped(comments, ({ thread }) => thread ?? null);
  return (
    <Part title={<Trans>Comments</Trans>}>
      {error && <ErrorView error={error} effect={t`The comments cannot be shown.`} onRetry={() => void refetch()} />}
      <ol>
        {answers.get(null)?.map((comment) => (
          <li key={comment.id} className="border-t border-dashed border-line py-2 first:border-t-0">
            <Thread task={task} comment={comment} answers={answers.get(comment.id) ?? []} people={people} />
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <Button size="small" weight="bare" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          <Trans>Show later ones</Trans>
        </Button>
      )}
      {data && comments.length === 0 && !mayWrite && (
        <p className="text-ink-3">
          <Trans>nothing said yet</Trans>
        </p>
      )}
      {mayWrite && <Saying name={`task.${task.number}.comment`} label={t`Comment`} effect={t`The comment was not sent; it is still in the field.`} onSend={(words) => say(task.id, words).then(renew)} />}
    </Part>
  );
}

function useRenewed(task: Detail): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.one(nameOf(task)) });
}

interface ThreadProps {
  task: Detail;
  comment: Comment;
  answers: readonly Comment[];
  people: readonly Person[];
}

function Thread({ task, comment, answers, people }: ThreadProps) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const renew = useRenewed(task);
  // Once it was open, its button gets the focus back.
  const [isOpen, setOpen] = useState<boolean | null>(null);
  const close = () => setOpen(false);
  const answer = mayWrite && !comment.deleted_at && !isOpen && (
    <IconButton aria-label={t`Answer`} autoFocus={isOpen === false} onPress={() => setOpen(true)}>
      <Reply size={14} aria-hidden className="mirror" />
    </IconButton>
  );
  return (
    <>
      <Said task={task} comment={comment} people={people} tools={answer} />
      {(answers.length > 0 || isOpen) && (
        <div className="ms-2 mt-2 border-s-2 border-line ps-3">
          <ol>
            {answers.map((one) => (
              <li key={one.id} className="py-1">
                <Said task={task} comment={one} people={people} />
              </li>
            ))}
          </ol>
          {isOpen && (
            <Saying
              name={`task.${task.number}.answer.${comment.id}`}
              label={t`Answer`}
              effect={t`The comment was not sent; it is still in the field.`}
              onSend={(words) => say(task.id, { ...words, thread: comment.id }).then(renew)}
              onClose={close}
            />
          )}
        </div>
      )}
    </>
  );
}

interface SaidProps {
  task: Detail;
  comment: Comment;
  /** Those who are called to what is said. */
  people: readonly Person[];
  tools?: ReactNode;
}

function Said({ task, comment, people, tools }: SaidProps) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenewed(task);
  const { data } = useQuery(me());
  const { role } = useUser();
  const mayWrite = useMayWrite();
  const [isChanged, setChanged] = useState<boolean | null>(null);
  const [isGoing, setGoing] = useState(false);
  const { id, by, text, created_at, edited_at, deleted_at, mentions } = comment;
  const isGone = Boolean(deleted_at) || isGoing;
  const isOwn = mayWrite && by.id === data?.user?.id;
  const stay = () => setGoing(false);
  const remove = () => {
    setGoing(true);
    soon(t`The comment is taken back.`, () => void takeBack(task.id, id).then(renew, (error: unknown) => (stay(), failure(t`The comment stays.`)(error))), stay);
  };
  if (isChanged) {
    return (
      <Saying
        name={`task.${task.number}.said.${id}`}
        label={t`Comment`}
        text={text}
        people={people.filter((person) => mentions.includes(person.id))}
        effect={t`The comment stays as it was; what you wrote is still in the field.`}
        onSend={(words) => rephrase(task.id, id, words).then(renew)}
        onClose={() => setChanged(false)}
      />
    );
  }
  return (
    <>
      <p className="flex min-h-9 flex-wrap items-center gap-x-2 text-sm text-ink-2">
        <bdi className="font-semibold text-ink">{by.name}</bdi>
        <Time at={created_at} />
        {edited_at && !isGone && <Trans>changed</Trans>}
        {!isGone && (
          <span className="ms-auto flex">
            {tools}
            {isOwn && (
              <IconButton aria-label={t`Change this`} autoFocus={isChanged === false} onPress={() => setChanged(true)}>
                <Pencil size={14} aria-hidden />
              </IconButton>
            )}
            {(isOwn || role === 'admin') && (
              <IconButton aria-label={t`Take this back`} onPress={remove}>
                <Trash2 size={14} aria-hidden />
              </IconButton>
            )}
          </span>
        )}
      </p>
      {isGone ? (
        <p className="text-ink-3">
          <Trans>taken back</Trans>
        </p>
      ) : (
        <RichText text={text} />
      )}
    </>
  );
}

interface SayingProps {
  /** Under which what is written is kept until it is sent. */
  name: string;
  label: string;
  /** What was said before, and who was called to it. */
  text?: string;
  people?: readonly Person[];
  effect: string;
  onSend: (words: { text: string; mentions: string[] }) => Promise<unknown>;
  /** Where the field does not stand there always. */
  onClose?: () => void;
}

function Saying({ name, label, text = '', people = [], effect, onSend, onClose }: SayingProps) {
  const { t } = useLingui();
  const [draft, setDraft] = useDraft(name);
  const [called, setCalled] = useState(people);
  const said = draft ?? text;
  const words = said.trim();
  const end = () => {
    setDraft(null);
    setCalled([]);
    onClose?.();
  };
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => onSend({ text: words, mentions: [...new Set(called.filter(({ name }) => words.includes(`@${name}`)).map(({ id }) => id))] }),
    onSuccess: end,
  });
  const send = () => void (words && !isPending && mutate());
  return (
    <form className="grid gap-2 pt-2" onSubmit={(event) => (event.preventDefault(), send())}>
      <MentionField
        label={label}
        placeholder={t`Say something; @ calls somebody`}
        rows={3}
        value={said}
        onChange={(now) => setDraft(now === text ? null : now)}
        onMention={(person) => setCalled((old) => [...old, person])}
        onSend={send}
        maxLength={10_000}
        autoFocus={Boolean(onClose)}
      />
      {error && <ErrorView error={error} effect={effect} />}
      <div className="flex gap-2">
        <Button type="submit" size="small" isPending={isPending} isDisabled={!words}>
          {text ? <Trans>Save</Trans> : <Trans>Send</Trans>}
        </Button>
        {onClose && (
          <Button size="small" weight="bare" onPress={end}>
            <Trans>Cancel</Trans>
          </Button>
        )}
      </div>
    </form>
  );
}
