// What is said about a task, the oldest first, with a place to say something; `@` calls somebody to it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useFailure } from '../../../ui/failure';
import { Button, IconButton } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Time } from '../../../ui/Text';
import { useMayWrite, useUser } from '../../../lib/user';
import { keys, listComments, say, takeBack, type Comment, type Detail } from '../api';
import { useDraft } from '../hooks';
import { nameOf } from '../model';
import { MentionField } from './MentionField';
import type { Person } from './PeoplePicker';
import { RichText } from './RichText';
import { Part } from './TaskView';

export function Comments({ task }: { task: Detail }) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(listComments(nameOf(task)));
  const comments = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Part title={<Trans>Comments</Trans>}>
      {error && <ErrorView error={error} effect={t`The comments cannot be shown.`} onRetry={() => void refetch()} />}
      <ol>
        {comments.map((comment) => (
          <Said key={comment.id} task={task} comment={comment} />
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
      {mayWrite && <Saying task={task} />}
    </Part>
  );
}

function Said({ task, comment: { id, by, text, created_at, edited_at, deleted_at, thread } }: { task: Detail; comment: Comment }) {
  const { t } = useLingui();
  const failure = useFailure();
  const client = useQueryClient();
  const { name, role } = useUser();
  const renew = () => client.invalidateQueries({ queryKey: keys.one(nameOf(task)) });
  // Where two are called the same, the server knows better.
  const mayRemove = !deleted_at && (by.name === name || role === 'admin');
  return (
    <li className={`border-t border-dashed border-line py-2 first:border-t-0 ${thread ? 'ms-6' : ''}`}>
      <p className="flex flex-wrap items-center gap-x-2 text-sm text-ink-2">
        <bdi className="font-semibold text-ink">{by.name}</bdi>
        <Time at={created_at} />
        {edited_at && !deleted_at && <Trans>changed</Trans>}
        {mayRemove && (
          <span className="ms-auto">
            <IconButton aria-label={t`Take this back`} onPress={() => void takeBack(task.id, id).then(renew, failure(t`The comment stays.`))}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </span>
        )}
      </p>
      {deleted_at ? (
        <p className="text-ink-3">
          <Trans>taken back</Trans>
        </p>
      ) : (
        <RichText text={text} />
      )}
    </li>
  );
}

function Saying({ task }: { task: Detail }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const [draft, setDraft] = useDraft(`task.${task.number}.comment`);
  const [called, setCalled] = useState<readonly Person[]>([]);
  const text = draft?.trim() ?? '';
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => say(task.id, { text, mentions: [...new Set(called.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id))] }),
    onSuccess: () => {
      setDraft(null);
      setCalled([]);
      return client.invalidateQueries({ queryKey: keys.one(nameOf(task)) });
    },
  });
  const send = () => void (text && !isPending && mutate());
  return (
    <form className="grid gap-2 pt-2" onSubmit={(event) => (event.preventDefault(), send())}>
      <MentionField
        label={t`Comment`}
        placeholder={t`Say something; @ calls somebody`}
        rows={3}
        value={draft ?? ''}
        onChange={(said) => setDraft(said || null)}
        onMention={(person) => setCalled((old) => [...old, person])}
        onSend={send}
        maxLength={10_000}
      />
      {error && <ErrorView error={error} effect={t`The comment was not sent; it is still in the field.`} />}
      <div>
        <Button type="submit" size="small" isPending={isPending} isDisabled={!text}>
          <Trans>Send</Trans>
        </Button>
      </div>
    </form>
  );
}
