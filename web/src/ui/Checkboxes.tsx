// Any of a few, each with what it means.

import { Check } from 'lucide-react';
import { Checkbox } from 'react-aria-components/Checkbox';
import { CheckboxGroup } from 'react-aria-components/CheckboxGroup';
import { Label } from 'react-aria-components/Label';

export interface Box<T extends string> {
  id: T;
  text: string;
  hint?: string;
}

interface Props<T extends string> {
  label: string;
  /** Where the options say it themselves. */
  isLabelHidden?: boolean;
  options: readonly Box<T>[];
  value: readonly T[];
  onChange: (value: T[]) => void;
}

export function Checkboxes<T extends string>({ label, isLabelHidden, options, value, onChange }: Props<T>) {
  return (
    <CheckboxGroup value={[...value]} onChange={(chosen) => onChange(chosen as T[])} className="grid gap-1">
      <Label className={isLabelHidden ? 'sr-only' : 'font-semibold'}>{label}</Label>
      {options.map(({ id, text, hint }) => (
        <Checkbox key={id} value={id} className="group flex items-start gap-3 rounded-md py-1 cursor-pointer">
          <span
            aria-hidden
            className="mt-1 grid size-5 flex-none place-items-center rounded-sm border border-line-strong bg-surface group-data-selected:border-lajvard group-data-selected:bg-lajvard group-data-focus-visible:outline-2 group-data-focus-visible:outline-lajvard group-data-focus-visible:outline-offset-2"
          >
            <Check size={14} strokeWidth={3} className="invisible text-on-lajvard group-data-selected:visible" />
          </span>
          <span>
            {text}
            {hint && <span className="block text-sm text-ink-2">{hint}</span>}
          </span>
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
}
