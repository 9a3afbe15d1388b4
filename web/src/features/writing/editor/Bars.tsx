// Rows that open under the toolbar: where a link goes, what a picture shows, what is looked for.

import { useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { ArrowDown, ArrowUp, Unlink, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from '../../../ui/cx';
import { readLink } from './address';
import { finding } from './find';
import type { Look } from './look';
import { LoneTool } from './Tool';

const ROW = 'flex flex-wrap items-center gap-1 border-t border-line px-2 py-1.5';
const FIELD = 'h-9 pointer-coarse:h-11 min-w-0 flex-1 basis-40 rounded-md border border-line-strong bg-surface px-2 text-ink aria-invalid:border-anar text-[max(1rem,16px)] sm:text-[length:inherit]';
const ACT = 'h-9 pointer-coarse:h-11 rounded-md border border-line-strong px-3 text-sm font-semibold text-lajvard whitespace-nowrap cursor-pointer hover:bg-lajvard-soft disabled:text-ink-3 disabled:border-line disabled:cursor-default';

interface RowProps {
  editor: Editor;
  onClose: () => void;
}

function Row({ label, editor, onClose, children }: RowProps & { label: string; children: ReactNode }) {
  const { t } = useLingui();
  const leave = () => {
    onClose();
    editor.view.focus();
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    leave();
  };
  return (
    <div role="group" aria-label={label} className={ROW} onKeyDown={escape}>
      {children}
      <LoneTool label={t`Close`} icon={X} onPress={leave} />
    </div>
  );
}

function onEnter(run: (event: KeyboardEvent) => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    run(event);
  };
}

export function LinkRow({ editor, look, onClose }: RowProps & { look: Look }) {
  const { t } = useLingui();
  const [text, setText] = useState(look.href);
  const [isWrong, setWrong] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  // Another link than the one it was opened for; the field takes no focus from the text for it.
  useEffect(() => (setWrong(false), setText(look.href)), [look.href]);
  const set = () => {
    const href = readLink(text);
    if (!href) return setWrong(true);
    const { empty } = editor.state.selection;
    const chain = editor.chain().focus().extendMarkRange('link');
    if (empty && !look.href) chain.insertContent({ type: 'text', text: text.trim(), marks: [{ type: 'link', attrs: { href } }] }).run();
    else chain.setLink(href).run();
    onClose();
  };
  const remove = () => {
    editor.chain().focus().unsetLink().run();
    onClose();
  };
  return (
    <Row label={t`Link`} editor={editor} onClose={onClose}>
      <input ref={field} dir="ltr" inputMode="url" aria-label={t`Address of the link`} aria-invalid={isWrong || undefined} placeholder="https://" value={text} onChange={(event) => (setWrong(false), setText(event.target.value))} onKeyDown={onEnter(set)} className={FIELD} />
      <button type="button" onClick={set} className={ACT}>
        {t`Set the link`}
      </button>
      {look.href && <LoneTool label={t`Remove the link`} icon={Unlink} onPress={remove} />}
      {isWrong && (
        <p role="alert" className="w-full text-sm font-semibold text-anar">
          {t`Write the address of a page, such as example.org, or of a mailbox.`}
        </p>
      )}
    </Row>
  );
}

/** For whoever does not see the picture, and how wide it is for whoever does. */
export function PictureRow({ editor, picture }: { editor: Editor; picture: NonNullable<Look['picture']> }) {
  const { t } = useLingui();
  return (
    <div role="group" aria-label={t`Picture`} className={ROW}>
      <input dir="auto" aria-label={t`What the picture shows`} placeholder={t`What the picture shows`} defaultValue={picture.alt} onBlur={(event) => editor.commands.updateAttributes('image', { alt: event.target.value })} onKeyDown={onEnter(() => editor.view.focus())} className={FIELD} />
      <select aria-label={t`Width`} value={picture.width ?? ''} onChange={(event) => editor.commands.updateAttributes('image', { width: Number(event.target.value) || null })} className={cx(ACT, 'bg-surface')}>
        <option value="">{t`Its own width`}</option>
        <option value="240">{t`Small`}</option>
        <option value="480">{t`Medium`}</option>
        <option value="960">{t`Large`}</option>
      </select>
    </div>
  );
}

export function FindRow({ editor, onClose, canChange }: RowProps & { canChange: boolean }) {
  const { t, i18n } = useLingui();
  const [query, setQuery] = useState(() => selected(editor));
  const [other, setOther] = useState('');
  const [{ all, at }, setFound] = useState({ all: 0, at: -1 });
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  useEffect(() => {
    const see = () => {
      const { hits, at } = finding(editor.state);
      setFound((old) => (old.all === hits.length && old.at === at ? old : { all: hits.length, at }));
    };
    editor.on('transaction', see);
    return () => {
      editor.off('transaction', see);
      if (!editor.isDestroyed) editor.commands.find('');
    };
  }, [editor]);
  useEffect(() => void editor.commands.find(query), [editor, query]);
  const number = (n: number) => i18n.number(n);
  const [place, many] = [number(at + 1), number(all)];
  return (
    <Row label={t`Find and replace`} editor={editor} onClose={onClose}>
      <input ref={field} dir="auto" aria-label={t`Find`} placeholder={t`Find`} value={query} onChange={(event) => setQuery(event.target.value)} onKeyDown={onEnter((event) => editor.commands.findNext(event.shiftKey ? -1 : 1))} className={FIELD} />
      <output className="min-w-16 text-center text-sm text-ink-2">{query.trim() && (all > 0 ? t`${place} of ${many}` : t`Nothing`)}</output>
      <LoneTool label={t`Previous`} icon={ArrowUp} onPress={() => editor.commands.findNext(-1)} />
      <LoneTool label={t`Next`} icon={ArrowDown} onPress={() => editor.commands.findNext(1)} />
      {canChange && (
        <>
          <input dir="auto" aria-label={t`Replace with`} placeholder={t`Replace with`} value={other} onChange={(event) => setOther(event.target.value)} onKeyDown={onEnter(() => editor.commands.replaceFound(other))} className={FIELD} />
          <button type="button" disabled={at < 0} onClick={() => editor.commands.replaceFound(other)} className={ACT}>
            {t`Replace`}
          </button>
          <button type="button" disabled={all === 0} onClick={() => editor.commands.replaceAllFound(other)} className={ACT}>
            {t`Replace all`}
          </button>
        </>
      )}
    </Row>
  );
}

/** A word that is selected is what one wants to find. */
function selected(editor: Editor): string {
  const { from, to } = editor.state.selection;
  const text = editor.state.doc.textBetween(from, Math.min(to, from + 100), '\n');
  return text.includes('\n') ? '' : text;
}
