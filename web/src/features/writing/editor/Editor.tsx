// The text of a document and all that one writes it with. What is typed is on this device before it leaves the page.

import { useLingui } from '@lingui/react/macro';
import { plural } from '@lingui/core/macro';
import type { AnyExtension, Editor as Text } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { Dropcursor, Gapcursor } from '@tiptap/extensions';
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFailure } from '../../../ui/failure';
import { warn } from '../../../ui/Toast';
import type { Live } from '../live/provider';
import type { Right } from '../live/wire';
import { keepAt } from './anchor';
import { FindRow, LinkRow, PictureRow } from './Bars';
import { Bubble } from './Bubble';
import { carets } from './carets';
import { Clipboard } from './clipboard';
import { Direction, type Dir } from './direction';
import './editor.css';
import { Find } from './find';
import { useCount, useLook, useReturn, useText } from './hooks';
import { Invisibles } from './invisibles';
import { Keys } from './keys';
import type { Digits } from './persian';
import { Place } from './place';
import { SaveMark, useSaveState } from './SaveMark';
import { schema } from './schema';
import { Suggest } from './suggest';
import { Suggestions, type Mentions } from './Suggestions';
import { TableBar, Toolbar } from './Toolbar';
import { Trouble } from './Trouble';
import { bringIn, PICTURES, Uploads, type Upload } from './upload';
import { View } from './view';
import { Writing } from './writing';

export type { Mentioned, Mentions } from './Suggestions';
export type { Picture, Upload } from './upload';

interface Props {
  /** The line to the document; whoever opened it closes it. */
  live: Live;
  document: { id: string; dir: Dir };
  user: { id: string; name: string };
  /** No more than this, whatever the server allows. */
  right?: Right;
  /** Who and what `@` finds. */
  mentions?: Mentions;
  /** Keeps a picture; without it there are none. */
  upload?: Upload;
  onSignIn?: () => void;
  /** Begins a thread about the selected words; what it gives is the thread's id, or nothing when the writer thought better of it. */
  onComment?: () => Promise<string | null>;
  /** Gets the text itself, for what the page does with it. */
  onReady?: (text: Text | null) => void;
  /** Stands beside the save state, such as the title. */
  head?: ReactNode;
}

/** With these the text is for reading only. */
const FINAL = (code: string) => code !== 'signed_out' && code !== 'too_large';

export function Editor({ live, document: paper, user, right, mentions, upload, onSignIn, onComment, onReady, head }: Props) {
  const { t } = useLingui();
  const host = useRef<HTMLDivElement>(null);
  const bars = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLElement | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const keys = useRef<(event: KeyboardEvent) => boolean>(() => false);
  const [open, setOpen] = useState<'find' | 'link' | null>(null);
  const name = `${user.id}:${paper.id}`;
  const failure = useFailure();

  const failed = (picture: File, why?: unknown) => {
    const called = isolate(picture.name);
    if (why) failure(t`The picture ${called} was not kept.`)(why);
    else warn(t`${called} is no picture that a text can show: these are PNG, JPEG, GIF, WebP and AVIF.`);
  };
  const waiting = (called: string) => {
    const shown = isolate(called);
    return t`${shown} is on its way…`;
  };
  const pictures = { upload: upload ?? null, failed, waiting };

  const extensions = (): AnyExtension[] => [
    ...schema((text) => text || t`An empty task`),
    Collaboration.configure({ document: live.doc }),
    carets(live.awareness, user),
    Direction.configure({ base: paper.dir }),
    Writing.configure({ digits: readDigits(), onDigits: keepDigits }),
    Clipboard,
    Find,
    Invisibles,
    Suggest.configure({ onKey: (event) => keys.current(event) }),
    Keys.configure({ wishes: { find: () => setOpen('find'), link: () => setOpen('link'), toolbar: () => bar.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus() } }),
    Place.configure({ name }),
    Uploads.configure(pictures),
    View.configure({ hint: t`Write, or press / for more`, bar: () => bars.current?.getBoundingClientRect().bottom ?? 0 }),
    Dropcursor.configure({ class: 'drop', color: false }),
    Gapcursor,
  ];

  const text = useText(host, live, t`Text of the document`, extensions);
  const look = useLook(text);
  const canChange = useMayChange(live, right);
  const canComment = useSyncExternalStore(live.watch, live.may) !== 'view' && right !== 'view';
  useEffect(() => void onReady?.(text), [text, onReady]);
  useReturn(text, canChange, name);
  useStay(live);

  const choosePicture = upload ? () => file.current?.click() : null;
  const takePictures = (files: FileList | null) => {
    if (text) bringIn(text, [...(files ?? [])], text.state.selection.to, pictures);
    if (file.current) file.current.value = '';
  };
  const comment = async () => {
    if (!text) return;
    const { selection } = text.state;
    const ends = [keepAt(text, selection.from), keepAt(text, selection.to)];
    const id = await onComment?.();
    if (!id || text.isDestroyed) return;
    const [from, to] = ends.map((end) => end());
    // The words may be gone meanwhile.
    if (typeof from === 'number' && typeof to === 'number' && from < to) text.chain().setTextSelection({ from, to }).setComment(id).run();
  };

  return (
    <div className="paper relative" data-doc-dir={paper.dir}>
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-2">
        {head}
        <SaveMark live={live} />
      </header>
      <Trouble live={live} editor={text} onSignIn={onSignIn ?? null} />
      <div ref={bars} data-bars className="sticky top-0 z-10 border-y border-line bg-surface">
        {text && look && canChange && <Toolbar editor={text} look={look} onFind={() => setOpen('find')} onLink={() => setOpen('link')} onPicture={choosePicture} barRef={(element) => (bar.current = element)} />}
        {text && look?.inTable && canChange && <TableBar editor={text} />}
        {text && look?.picture && canChange && <PictureRow key={text.state.selection.from} editor={text} picture={look.picture} />}
        {text && look && open === 'link' && canChange && <LinkRow editor={text} look={look} onClose={() => setOpen(null)} />}
        {text && open === 'find' && <FindRow editor={text} onClose={() => setOpen(null)} canChange={canChange} />}
      </div>
      <div ref={host} className="page" />
      {!text && <Waiting live={live} />}
      {text && look && <Bubble editor={text} look={look} canChange={canChange} onLink={() => setOpen('link')} onComment={onComment && canComment ? () => void comment() : null} />}
      {text && <Suggestions editor={text} mentions={mentions ?? null} onPicture={choosePicture} keys={keys} />}
      <Foot text={text} />
      {upload && <input ref={file} type="file" accept={PICTURES} multiple hidden onChange={(event) => takePictures(event.target.files)} />}
    </div>
  );
}

/** Only whether it is so: what is watched changes with every key. */
function useMayChange(live: Live, most: Right = 'edit'): boolean {
  return useSyncExternalStore(live.watch, () => {
    const state = live.state();
    return most === 'edit' && live.may() === 'edit' && !(state.is === 'refused' && FINAL(state.code));
  });
}

/** The browser asks before a page is left whose text is nowhere else. */
function useStay(live: Live): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (live.wouldLose()) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [live]);
}

/** Before the text is there: writing must wait, or it would begin another document. */
function Waiting({ live }: { live: Live }) {
  const { t } = useLingui();
  const state = useSaveState(live);
  const hasLocal = state.is === 'offline' && state.unsent > 0;
  return (
    <p className="px-4 py-8 text-center text-ink-2">
      {hasLocal ? t`What you wrote is on this device. It appears with the rest of the document once the server answers.` : t`The text is on its way…`}
    </p>
  );
}

const MINUTE = 60;

function Foot({ text }: { text: Text | null }) {
  const { t } = useLingui();
  const sum = useCount(text);
  if (!sum) return null;
  const { words, characters } = sum;
  const minutes = Math.max(1, Math.round(sum.readingSeconds / MINUTE));
  const counted = t`${plural(words, { one: '# word', other: '# words' })}, ${plural(characters, { one: '# letter', other: '# letters' })}`;
  return (
    <footer className="flex flex-wrap gap-x-4 border-t border-line px-4 py-2 text-sm text-ink-2">
      <span>{counted}</span>
      {words > 0 && <span>{t`${plural(minutes, { one: '# minute to read', other: '# minutes to read' })}`}</span>}
    </footer>
  );
}

const DIGITS = 'dabir_digits';

function readDigits(): Digits {
  const kept = localStorage.getItem(DIGITS);
  return kept === 'persian' || kept === 'latin' ? kept : 'typed';
}

function keepDigits(digits: Digits): void {
  localStorage.setItem(DIGITS, digits);
}
