// What is said about a document: threads about places in the text and about all of it, settled ones apart.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { Editor } from '@tiptap/core';
import { Check, Pencil, Reply, RotateCcw, Trash2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { Waiting } from '../../../ui/Empty';
import { Button, IconButton } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { ErrorView } from '../../../ui/ErrorView';
import { useFailure } from '../../../ui/failure';
import { Time } from '../../../ui/Text';
import { soon } from '../../../ui/Toast';
import { RichText } from '../../tasks/components/RichText';
import { keys, listComments, reopen, rephrase, resolve, say, takeBack, type Comment, type Detail } from '../api';
import { useSelf } from '../hooks';
import { may, newAnchor } from '../model';
import { Say, type Words } from './Say';

/** A thread that is to begin about some words. */
export interface Begun {
  quote: string;
  /** Marks the words with the thread's name, or leaves them. */
  settle: (anchor: string | null) => void;
}

interface Props {
  document: Detail;
  text: Editor | null;
  begun: Begun | null;
  /** Where it lies over the text: takes it away. */
  onGo: (() => void) | null;
}

export function Comments({ document, text, begun, onGo }: Props) {
  const { t } = useLingui();
  const { id, right, deleted_at } = document;
  const maySay = useMayWrite() && may(right, 'comment') && !deleted_at;
  const { data, error, isPending, refetch } = useInfiniteQuery(listComments(id));
  const renew = useRenewed(id);
  const [isAll, setAll] = useState(false);
  const chosen = useChosen(text);
  const comments = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const threads = comments.filter(({ thread }) => !thread);
  const settled = threads.filter(({ resolved_at }) => resolved_at);
  const shown = isAll ? threads : threads.filter(({ resolved_at }) => !resolved_at);
  const failed = t`The comment was not sent; it is still in the field.`;
  const begin = async ({ settle, quote }: Begun, words: Words) => {
    const anchor = newAnchor();
    await say(id, { ...words, anchor, quote });
    settle(anchor);
    await renew();
  };
  if (isPending) return <Waiting label={t`Reading the comments…`} />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {error && <ErrorView error={error} effect={t`The comments cannot be shown.`} onRetry={() => void refetch()} />}
      {begun && (
        <div className="grid gap-2 rounded-md border border-zaferan p-3">
          <Quote words={begun.quote} />
          <Say key={begun.quote} name={`${id}.begun`} label={t`Comment on the chosen words`} effect={failed} onSend={(words) => begin(begun, words)} onClose={() => begun.settle(null)} />
        </div>
      )}
      <ol className="grid gap-3">
        {shown.map((thread) => (
          <Thread key={thread.id} document={document} thread={thread} answers={comments.filter((one) => one.thread === thread.id)} text={text} maySay={maySay} isChosen={chosen !== null && chosen === thread.anchor} onGo={onGo} />
        ))}
      </ol>
      {threads.length === 0 && !begun && (
        <p className="text-ink-2">{maySay ? <Trans>Nothing is said yet. Choose words in the text and press the sign with the plus to say something about them, or write about all of it here.</Trans> : <Trans>Nothing is said yet.</Trans>}</p>
      )}
      {settled.length > 0 && <Settled count={settled.length} isShown={isAll} onChange={setAll} />}
      {maySay && !begun && <Say name={`${id}.comment`} label={t`Comment on all of it`} effect={failed} onSend={(words) => say(id, words).then(renew)} />}
    </div>
  );
}

function Settled({ count, isShown, onChange }: { count: number; isShown: boolean; onChange: (isShown: boolean) => void }) {
  const formats = useFormats();
  const shown = formats.number(count);
  return (
    <Button size="small" weight="bare" className="justify-self-start" onPress={() => onChange(!isShown)}>
      {isShown ? <Trans>Hide what is settled</Trans> : <Trans>Show what is settled ({shown})</Trans>}
    </Button>
  );
}

function useRenewed(id: string): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.comments(id) });
}

/** The thread whose words were clicked last. */
function useChosen(text: Editor | null): string | null {
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    const dom = text?.view.dom;
    const look = ({ target }: Event) => setChosen((target as HTMLElement).closest<HTMLElement>('[data-comment]')?.dataset.comment ?? null);
    dom?.addEventListener('click', look);
    return () => dom?.removeEventListener('click', look);
  }, [text]);
  return chosen;
}

interface ThreadProps {
  document: Detail;
  thread: Comment;
  answers: readonly Comment[];
  text: Editor | null;
  maySay: boolean;
  isChosen: boolean;
  onGo: (() => void) | null;
}

function Thread({ document: { id }, thread, answers, text, maySay, isChosen, onGo }: ThreadProps) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenewed(id);
  const item = useRef<HTMLLIElement>(null);
  // Once it was open, its button gets the focus back.
  const [isOpen, setOpen] = useState<boolean | null>(null);
  const { anchor, quote, resolved_at, resolved_by } = thread;
  const isGone = Boolean(thread.deleted_at) && answers.every(({ deleted_at }) => deleted_at);
  useEffect(() => {
    if (isChosen) item.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  if (isGone) return null;
  const settle = () => void (resolved_at ? reopen : resolve)(id, thread.id).then(renew, failure(t`The thread stays as it was.`));
  const tools = maySay && (
    <>
      {!resolved_at && !isOpen && (
        <IconButton aria-label={t`Answer`} autoFocus={isOpen === false} onPress={() => setOpen(true)}>
          <Reply size={14} aria-hidden className="mirror" />
        </IconButton>
      )}
      <IconButton aria-label={resolved_at ? t`Open again` : t`Settle`} onPress={settle}>
        {resolved_at ? <RotateCcw size={14} aria-hidden /> : <Check size={14} aria-hidden />}
      </IconButton>
    </>
  );
  const go = () => {
    onGo?.();
    if (text && anchor) goTo(text, anchor);
  };
  const settler = resolved_by?.name ?? '';
  return (
    <li ref={item} className={cx('rounded-md border p-3', isChosen ? 'border-zaferan bg-zaferan-soft' : 'border-line')}>
      {quote && (
        <button type="button" title={t`Show the words in the text`} onClick={go} className="flex min-h-9 w-full cursor-pointer items-center text-start">
          <Quote words={quote} />
        </button>
      )}
      <Said id={id} comment={thread} tools={tools} />
      {resolved_at && (
        <p className="text-sm text-firuze">
          <Trans>
            Settled by <bdi>{settler}</bdi>
          </Trans>
        </p>
      )}
      {(answers.length > 0 || isOpen) && (
        <div className="mt-2 grid gap-2 border-s-2 border-line ps-3">
          {answers.map((answer) => (
            <Said key={answer.id} id={id} comment={answer} />
          ))}
          {isOpen && <Say name={`${id}.answer.${thread.id}`} label={t`Answer`} effect={t`The comment was not sent; it is still in the field.`} onSend={(words) => say(id, { ...words, thread: thread.id }).then(renew)} onClose={() => setOpen(false)} />}
        </div>
      )}
    </li>
  );
}

function Quote({ words }: { words: string }) {
  return (
    <span dir="auto" className="line-clamp-3 border-s-3 border-zaferan ps-2 text-sm text-ink-2">
      {words}
    </span>
  );
}

/** The words may be gone from the text meanwhile. */
function goTo(text: Editor, anchor: string): void {
  const words = text.view.dom.querySelector<HTMLElement>(`[data-comment="${CSS.escape(anchor)}"]`);
  if (!words) return;
  words.scrollIntoView({ block: 'center' });
  text.commands.setTextSelection(text.view.posAtDOM(words, 0));
  text.view.focus();
}

function Said({ id, comment, tools }: { id: string; comment: Comment; tools?: ReactNode }) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenewed(id);
  const self = useSelf();
  const mayWrite = useMayWrite();
  const [isChanged, setChanged] = useState<boolean | null>(null);
  const [isGoing, setGoing] = useState(false);
  const { by, text, created_at, edited_at, deleted_at } = comment;
  const isGone = Boolean(deleted_at) || isGoing;
  const isOwn = mayWrite && by.id === self?.id;
  const stay = () => setGoing(false);
  const remove = () => {
    setGoing(true);
    soon(t`The comment is taken back.`, () => void takeBack(id, comment.id).then(renew, (error: unknown) => (stay(), failure(t`The comment stays.`)(error))), stay);
  };
  if (isChanged) {
    return <Say name={`${id}.said.${comment.id}`} label={t`Comment`} text={text} effect={t`The comment stays as it was; what you wrote is still in the field.`} onSend={(words) => rephrase(id, comment.id, words).then(renew)} onClose={() => setChanged(false)} />;
  }
  return (
    <div>
      <p className="flex min-h-9 flex-wrap items-center gap-x-2 text-sm text-ink-2">
        <bdi className="font-semibold text-ink">{by.name}</bdi>
        <Time at={created_at} />
        {edited_at && !isGone && <Trans>changed</Trans>}
        {!isGone && (
          <span className="ms-auto flex">
            {tools}
            {isOwn && (
              <>
                <IconButton aria-label={t`Change this`} autoFocus={isChanged === false} onPress={() => setChanged(true)}>
                  <Pencil size={14} aria-hidden />
                </IconButton>
                <IconButton aria-label={t`Take this back`} onPress={remove}>
                  <Trash2 size={14} aria-hidden />
                </IconButton>
              </>
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
    </div>
  );
}
