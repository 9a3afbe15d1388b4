// A text in which `@` calls somebody by name: those who may be meant are offered below it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useId, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { cx } from '../../../ui/cx';
import { INPUT } from '../../../ui/Field';
import { ITEM, POPOVER } from '../../../ui/Select';
import type { Person } from '../api';
import { usePeople } from '../hooks';

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (text: string) => void;
  onMention: (person: Person) => void;
  /** Enter alone; with Control where there are several lines. */
  onSend: () => void;
  /** As many lines are shown; one without it. */
  rows?: number;
  maxLength?: number;
  autoFocus?: boolean;
  fieldRef?: Ref<HTMLTextAreaElement>;
}

const SHOWN = 6;
/** A name that is being written where the cursor stands. */
const BEGUN = /(?:^|\s)@([^\s@]*)$/u;

export function MentionField({ label, placeholder, value, onChange, onMention, onSend, rows = 1, maxLength, autoFocus, fieldRef }: Props) {
  const { t } = useLingui();
  const id = useId();
  const own = useRef<HTMLTextAreaElement | null>(null);
  const [begun, setBegun] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const found = usePeople(begun ?? '', begun !== null).people.slice(0, SHOWN);
  const isOpen = found.length > 0;
  const look = (field: HTMLTextAreaElement) => {
    setBegun(BEGUN.exec(field.value.slice(0, field.selectionStart))?.[1] ?? null);
    setAt(0);
  };
  const pick = (person: Person) => {
    const end = own.current?.selectionStart ?? value.length;
    const before = value.slice(0, end - (begun?.length ?? 0));
    onMention(person);
    onChange(`${before}${person.name} ${value.slice(end)}`);
    setBegun(null);
    own.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    const chosen = found[at];
    if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) setAt((at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
    else if (chosen && (event.key === 'Enter' || event.key === 'Tab')) pick(chosen);
    else if (isOpen && event.key === 'Escape') setBegun(null);
    else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing && (rows === 1 || event.ctrlKey || event.metaKey)) onSend();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="relative min-w-0 flex-1">
      <textarea
        ref={(field) => {
          own.current = field;
          if (typeof fieldRef === 'function') fieldRef(field);
          else if (fieldRef) fieldRef.current = field;
        }}
        aria-label={label}
        aria-haspopup="listbox"
        aria-autocomplete="list"
        aria-controls={isOpen ? id : undefined}
        aria-activedescendant={isOpen ? `${id}-${at}` : undefined}
        dir="auto"
        rows={rows}
        autoFocus={autoFocus}
        maxLength={maxLength}
        placeholder={placeholder}
        value={value}
        onChange={(event) => (onChange(event.target.value), look(event.target))}
        onKeyDown={press}
        onBlur={() => setBegun(null)}
        className={cx(INPUT, 'block py-2', rows === 1 && 'max-h-40 resize-none field-sizing-content')}
      />
      {isOpen && (
        <ul id={id} role="listbox" aria-label={t`Who may be meant`} className={cx(POPOVER, 'absolute start-0 top-full z-20 mt-1 min-w-48')}>
          {found.map((person, index) => (
            <li key={person.id} id={`${id}-${index}`} role="option" aria-selected={index === at} className={cx(ITEM, index === at && 'bg-lajvard-soft')} onPointerDown={(event) => (event.preventDefault(), pick(person))}>
              <bdi>{person.name}</bdi>
            </li>
          ))}
        </ul>
      )}
      <span role="status" className="sr-only">
        {isOpen && <Trans>Choose somebody with the arrows and Enter.</Trans>}
      </span>
    </div>
  );
}
