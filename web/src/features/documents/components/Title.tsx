// The title of a document, saved as one types. When somebody else gave it another one meanwhile, the writer chooses.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Problem } from '../../../api/problem';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { useRefusal } from '../../../ui/refusal';
import { changeDocument, keys, readDocument, type Detail, type Document } from '../api';

const TYPING_MS = 500;
const CHANGED = 'documents.changed';

/** What is being typed, and what stood there when that began. */
interface Draft {
  text: string;
  before: Pick<Document, 'title' | 'version'>;
}

export function Title({ document }: { document: Detail }) {
  const { t } = useLingui();
  const { id } = document;
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [theirs, setTheirs] = useState<string | null>(null);
  const learn = (now: Document) => client.setQueryData<Detail>(keys.one(id), (old) => old && { ...old, ...now });

  /** Gives way where only the place of the document was changed meanwhile. */
  const save = async ({ text, before }: Draft): Promise<Document | null> => {
    try {
      return await changeDocument(id, { title: text, version: before.version });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== CHANGED) throw error;
      const now = await readDocument(id);
      if (now.title === before.title) return changeDocument(id, { title: text, version: now.version });
      learn(now);
      setTheirs(now.title);
      return null;
    }
  };
  const { mutate, error, isPending } = useMutation({
    mutationFn: save,
    onSuccess: (now, sent) => {
      if (!now) return;
      learn(now);
      void client.invalidateQueries({ queryKey: keys.lists });
      setTheirs(null);
      setDraft((old) => (!old || old.text.trim() === sent.text ? null : { ...old, before: now }));
    },
  });
  const refused = useRefusal(error)('title');

  const due = draft && theirs === null && !isPending && draft.text.trim() && draft.text.trim() !== draft.before.title ? draft : null;
  useEffect(() => {
    if (!due) return;
    const timer = setTimeout(() => mutate({ ...due, text: due.text.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [due, mutate]);

  const giveUp = () => {
    setTheirs(null);
    setDraft(null);
  };
  const insist = () => {
    if (!draft) return;
    const { title, version } = client.getQueryData<Detail>(keys.one(id)) ?? document;
    setTheirs(null);
    mutate({ text: draft.text.trim(), before: { title, version } });
  };
  const called = theirs && isolate(theirs);
  return (
    <>
      <input
        aria-label={t`Title`}
        dir="auto"
        maxLength={300}
        size={36}
        value={draft?.text ?? document.title}
        onChange={(event) => setDraft({ text: event.target.value, before: draft?.before ?? document })}
        onBlur={() => draft && !draft.text.trim() && setDraft(null)}
        onKeyDown={(event) => event.key === 'Enter' && window.document.querySelector<HTMLElement>('.prose[role=textbox]')?.focus()}
        className="field-sizing-content -ms-2 max-w-[calc(100%+0.5rem)] min-w-40 rounded-md border border-transparent bg-transparent px-2 font-bold hover:border-line focus-visible:border-lajvard"
      />
      {(refused || (error && theirs === null)) && (
        <span className="block pt-1 text-[0.9375rem] font-normal">{refused ? <span className="text-sm font-semibold text-anar">{refused}</span> : <ErrorView error={error} effect={t`The title is not saved; it is still in the field.`} />}</span>
      )}
      {theirs !== null && draft && (
        <span role="alert" className="mt-1 flex flex-wrap items-center gap-2 rounded-md border border-zaferan bg-zaferan-soft px-3 py-2 text-[0.9375rem] font-normal">
          <span className="min-w-0 flex-1 basis-60">
            <Trans>Somebody else called it “{called}” meanwhile. Yours is still in the field.</Trans>
          </span>
          <Button size="small" weight="primary" onPress={giveUp}>
            <Trans>Keep theirs</Trans>
          </Button>
          <Button size="small" onPress={insist}>
            <Trans>Save mine</Trans>
          </Button>
        </span>
      )}
    </>
  );
}
