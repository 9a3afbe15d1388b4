// Fields that are bound to a source's form, each with what is wrong with it.

import { useLingui } from '@lingui/react/macro';
import { createContext, use, type ReactNode } from 'react';
import { Controller, type Control, type FieldPath } from 'react-hook-form';
import { readWhole } from '../../../lib/digits';
import { NumberField, TextField } from '../../../ui/Field';
import { readJson } from '../../jobs/model';
import { isSpan, MARK, type Values } from '../form';

interface Around {
  control: Control<Values>;
  /** What the server refused, by the names that it has for its fields. */
  refused: (place: string) => string | undefined;
}

const Context = createContext<Around | null>(null);
export const FormAround = Context;

export function useAround(): Around {
  const around = use(Context);
  if (!around) throw new Error('there is no form around this field');
  return around;
}

interface Props {
  name: FieldPath<Values>;
  label: ReactNode;
  /** What the server calls it, where that differs. */
  place?: string;
  hint?: ReactNode;
  ltr?: boolean;
  rows?: number;
  isSecret?: boolean;
  /** Says what is wrong with what was written. */
  fault?: (text: string) => string | true;
}

export function BoundText({ name, place = name, fault, isSecret, ltr = true, ...props }: Props) {
  const { control, refused } = useAround();
  return (
    <Controller
      name={name}
      control={control}
      rules={fault ? { validate: (value) => fault(String(value)) } : {}}
      render={({ field: { ref: _, value, ...field }, fieldState }) => (
        <TextField
          {...props}
          {...field}
          value={String(value)}
          ltr={ltr}
          spellCheck="false"
          autoComplete={isSecret ? 'new-password' : 'off'}
          error={fieldState.error?.message ?? refused(place)}
          {...(isSecret && { type: 'password' })}
          // What is typed takes the place of the mark.
          {...(value === MARK && { onFocus: ({ target }) => (target as HTMLInputElement).select() })}
        />
      )}
    />
  );
}

export function BoundNumber({ name, place = name, ...props }: Omit<Props, 'fault' | 'ltr' | 'rows' | 'isSecret'>) {
  const { control, refused } = useAround();
  const { t } = useLingui();
  const validate = (value: unknown) => readWhole(String(value)) !== null || t`Write a whole number.`;
  return (
    <Controller
      name={name}
      control={control}
      rules={{ validate }}
      render={({ field: { ref: _, value, ...field }, fieldState }) => (
        <NumberField {...props} {...field} value={String(value)} error={fieldState.error?.message ?? refused(place)} />
      )}
    />
  );
}

export function BoundSpan(props: Omit<Props, 'fault' | 'rows' | 'isSecret'>) {
  const { t } = useLingui();
  return <BoundText {...props} fault={(text) => isSpan(text) || t`Write a length such as 90s, 30m or 2h.`} />;
}

/** A text that is JSON; `mayBeEmpty` where it can be left out. */
export function BoundJson({ mayBeEmpty = false, ...props }: Omit<Props, 'fault' | 'isSecret'> & { mayBeEmpty?: boolean }) {
  const { t } = useLingui();
  const fault = (text: string) => {
    if (mayBeEmpty && !text.trim()) return true;
    const read = readJson(text);
    if ('value' in read) return true;
    if (read.line === null) return t`This is no JSON; something is missing at its end.`;
    const line = String(read.line);
    return t`This is no JSON; look at line ${line}.`;
  };
  return <BoundText rows={8} {...props} fault={fault} />;
}
