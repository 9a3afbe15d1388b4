// Fields of forms. Digits of any script are welcome in numbers; what they hold reaches the form in Latin digits.

import type { ReactNode } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField as AriaTextField, type TextFieldProps } from 'react-aria-components/TextField';
import { latinDigits } from '../lib/digits';
import { cx } from './cx';

export const INPUT =
  'w-full min-h-10 pointer-coarse:min-h-11 rounded-md border border-line-strong bg-surface px-3 text-ink ' +
  'focus-visible:border-lajvard focus-visible:-outline-offset-1 data-invalid:border-anar text-[max(1rem,16px)] sm:text-[length:inherit]';

const WRONG = 'text-sm font-semibold text-anar';

interface Props extends Omit<TextFieldProps, 'className' | 'style' | 'children'> {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with it now. */
  error?: ReactNode;
  placeholder?: string;
  /** Codes, addresses and numbers run left to right in every language. */
  ltr?: boolean;
  /** Where the place says what it is. */
  isLabelHidden?: boolean;
  /** As many lines are shown; one without it. */
  rows?: number;
  className?: string;
}

export function TextField({ label, hint, error, placeholder, ltr, isLabelHidden, rows, className, ...props }: Props) {
  const writing = { dir: ltr ? 'ltr' : 'auto', placeholder, className: cx(INPUT, ltr && 'font-mono', rows !== undefined && 'py-2') };
  return (
    <AriaTextField {...props} isInvalid={Boolean(error)} className={cx('grid gap-1', className)}>
      <Label className={isLabelHidden ? 'sr-only' : 'font-semibold'}>{label}</Label>
      {rows ? <TextArea {...writing} rows={rows} /> : <Input {...writing} />}
      {hint && (
        <Text slot="description" className="text-sm text-ink-2">
          {hint}
        </Text>
      )}
      <FieldError className={WRONG}>{error}</FieldError>
    </AriaTextField>
  );
}

/** A number that names something, such as a port: no grouping, no arrows, Latin digits. */
export function NumberField({ onChange, ...props }: Props) {
  return <TextField {...props} ltr inputMode="numeric" onChange={(text) => onChange?.(latinDigits(text))} />;
}

/** What is wrong with a field that cannot say it itself. */
export function Wrong({ children }: { children: ReactNode }) {
  return children ? (
    <p role="alert" className={WRONG}>
      {children}
    </p>
  ) : null;
}
