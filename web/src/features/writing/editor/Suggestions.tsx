// The list that `/` and `@` open under the caret; the keyboard stays in the text.

import { useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { AtSign, type LucideIcon } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { cx } from '../../../ui/cx';
import { entriesFor } from './entries';
import { putOver } from './over';
import { asking, type Asking } from './suggest';

/** Somebody or something that can be pointed at. */
export interface Mentioned {
  id: string;
  label: string;
  /** Such as a role or a title, to tell two of one name apart. */
  hint?: string;
}

export type Mentions = (query: string) => Promise<readonly Mentioned[]>;

interface Choice {
  id: string;
  icon: LucideIcon;
  name: string;
  hint?: string | undefined;
  run: () => void;
}

interface Props {
  editor: Editor;
  mentions: Mentions | null;
  onPicture: (() => void) | null;
  /** Gets what the text does with a key while the list is open. */
  keys: RefObject<(event: KeyboardEvent) => boolean>;
}

export function Suggestions({ editor, mentions, onPicture, keys }: Props) {
  const { t } = useLingui();
  const asked = useAsked(editor);
  const choices = useChoices(editor, asked, mentions, onPicture);
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const chosen = Math.min(at, Math.max(0, choices.length - 1));
  const isOpen = asked !== null && choices.length > 0;
  useEffect(() => setAt(0), [asked?.query, asked?.from]);
  useEffect(() => {
    keys.current = ({ key }) => {
      if (!isOpen) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step) setAt((chosen + step + choices.length) % choices.length);
      else if (key === 'Enter' || key === 'Tab') choices[chosen]?.run();
      else return false;
      return true;
    };
    return () => void (keys.current = () => false);
  }, [keys, isOpen, chosen, choices]);
  useLayoutEffect(() => {
    const { dom } = editor.view;
    if (!isOpen || !list.current) return;
    place(editor, asked, list.current);
    dom.setAttribute('aria-controls', id);
    dom.setAttribute('aria-activedescendant', `${id}-${chosen}`);
    list.current.children[chosen]?.scrollIntoView({ block: 'nearest' });
    return () => {
      dom.removeAttribute('aria-controls');
      dom.removeAttribute('aria-activedescendant');
    };
  });
  if (!isOpen) return null;
  return (
    <ul ref={list} id={id} role="listbox" tabIndex={0} aria-label={asked.sign === '/' ? t`Insert` : t`Mention`} className="absolute z-30 max-h-72 w-64 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-over">
      {choices.map(({ id: key, icon: Icon, name, hint, run }, i) => (
        <li key={key} id={`${id}-${i}`} role="option" aria-selected={i === chosen} onMouseDown={(event) => event.preventDefault()} onMouseMove={() => i !== chosen && setAt(i)} onClick={run} className={cx('flex min-h-9 pointer-coarse:min-h-11 items-center gap-2 rounded-sm px-2 cursor-pointer', i === chosen && 'bg-lajvard-soft text-lajvard')}>
          <Icon size={16} aria-hidden className="shrink-0" />
          <bdi className="truncate">{name}</bdi>
          {hint && <bdi className="ms-auto truncate text-sm text-ink-2">{hint}</bdi>}
        </li>
      ))}
    </ul>
  );
}

function useAsked(editor: Editor): Asking | null {
  const [asked, setAsked] = useState<Asking | null>(null);
  useEffect(() => {
    const see = () => setAsked(asking(editor.state));
    const leave = () => setAsked(null);
    editor.on('transaction', see);
    editor.on('blur', leave);
    return () => {
      editor.off('transaction', see);
      editor.off('blur', leave);
    };
  }, [editor]);
  return asked;
}

function useChoices(editor: Editor, asked: Asking | null, mentions: Mentions | null, onPicture: (() => void) | null): Choice[] {
  const { i18n } = useLingui();
  const [people, setPeople] = useState<readonly Mentioned[]>([]);
  const query = asked?.sign === '@' ? asked.query : null;
  useEffect(() => {
    if (query === null || !mentions) return setPeople([]);
    let isNow = true;
    mentions(query).then(
      (found) => isNow && setPeople(found.slice(0, 20)),
      () => isNow && setPeople([]),
    );
    return () => void (isNow = false);
  }, [query, mentions]);
  if (!asked || !editor.isEditable) return [];
  const range = { from: asked.from, to: asked.to };
  if (asked.sign === '@') {
    const mention = ({ id, label }: Mentioned) => editor.chain().focus().insertContentAt(range, [{ type: 'mention', attrs: { id, label } }, { type: 'text', text: ' ' }]).run();
    return people.map((one) => ({ id: one.id, icon: AtSign, name: one.label, hint: one.hint, run: () => mention(one) }));
  }
  return entriesFor(asked.query, (name) => i18n._(name), onPicture).map(({ id, icon, name, run }) => ({
    id,
    icon,
    name: i18n._(name),
    run: () => {
      editor.chain().focus().deleteRange(range).run();
      run(editor);
    },
  }));
}

/** Under the sign that opened it, on the side to which the line goes; above it where there is no room. */
function place(editor: Editor, { from }: Asking, list: HTMLElement): void {
  const sign = editor.view.coordsAtPos(from);
  const seen = window.visualViewport;
  const bottom = seen ? seen.offsetTop + seen.height : window.innerHeight;
  const isBelow = sign.bottom + list.offsetHeight + 8 < bottom || sign.top < list.offsetHeight;
  const isRtl = getComputedStyle(editor.view.domAtPos(from).node.parentElement ?? list).direction === 'rtl';
  putOver(list, isRtl ? sign.right - list.offsetWidth : sign.left, isBelow ? sign.bottom + 4 : sign.top - list.offsetHeight - 4);
}
