// One of a few: a list that opens, or all of them side by side.

import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import { cx } from './cx';
import { INPUT } from './Field';

export interface Option<T extends string> {
  id: T;
  text: string;
}

interface Props<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  className?: string;
  /** Where the place says what is chosen. */
  isLabelHidden?: boolean;
}

export const POPOVER = 'min-w-(--trigger-width) rounded-md border border-line bg-surface shadow-over p-1 max-h-80 overflow-y-auto';
export const ITEM =
  'flex min-h-9 pointer-coarse:min-h-11 items-center gap-2 rounded-sm px-3 cursor-pointer outline-none data-focused:bg-lajvard-soft data-selected:font-semibold data-disabled:text-ink-3';

export function Select<T extends string>({ label, options, value, onChange, className, isLabelHidden }: Props<T>) {
  return (
    <AriaSelect value={value} onChange={(key) => onChange(key as T)} className={cx('grid gap-1', className)}>
      <Label className={isLabelHidden ? 'sr-only' : 'font-semibold'}>{label}</Label>
      <Button className={cx(INPUT, 'flex items-center justify-between gap-2 cursor-pointer')}>
        <SelectValue className="truncate" />
        <ChevronDown size={16} aria-hidden className="flex-none text-ink-3" />
      </Button>
      <Popover className={POPOVER}>
        <ListBox items={options} className="outline-none">
          {({ id, text }) => (
            <ListBoxItem id={id} className={ITEM}>
              {text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** The options side by side, for two to five short words. */
export function Choice<T extends string>({ label, options, value, onChange, className }: Props<T>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={([key]) => onChange(key as T)}
      className={cx('inline-flex flex-wrap rounded-md border border-line-strong bg-surface p-0.5', className)}
    >
      {options.map(({ id, text }) => (
        <ToggleButton key={id} id={id} className={SEGMENT}>
          {text}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

const SEGMENT =
  'min-h-8 pointer-coarse:min-h-10 rounded-sm px-3 text-ink-2 cursor-pointer hover:text-ink data-selected:bg-lajvard-soft data-selected:text-lajvard data-selected:font-semibold';

/** A choice with its label above it, for forms. */
export function LabelledChoice<T extends string>(props: Props<T> & { hint?: ReactNode }) {
  return (
    <div className="grid justify-items-start gap-1">
      <span aria-hidden className="font-semibold">
        {props.label}
      </span>
      <Choice {...props} />
      {props.hint && <span className="text-sm text-ink-2">{props.hint}</span>}
    </div>
  );
}
