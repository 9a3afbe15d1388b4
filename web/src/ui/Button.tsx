// A button in one of four weights; `buttonStyle` gives a link the same look.

import { Button as AriaButton, type ButtonProps as AriaProps } from 'react-aria-components/Button';
import type { RefAttributes } from 'react';
import { cx } from './cx';

export type Weight = 'primary' | 'plain' | 'danger' | 'bare';

const WEIGHTS: Record<Weight, string> = {
  primary: 'bg-lajvard text-on-lajvard border-transparent hover:brightness-110',
  plain: 'text-lajvard border-line-strong hover:bg-lajvard-soft',
  danger: 'text-anar border-current hover:bg-anar-soft',
  bare: 'text-ink-2 border-transparent hover:bg-sunken hover:text-ink',
};

const BASE =
  'inline-flex items-center justify-center gap-2 rounded-md border font-semibold whitespace-nowrap cursor-pointer transition ' +
  'disabled:bg-sunken disabled:text-ink-3 disabled:border-line disabled:cursor-default disabled:brightness-100';

const SIZES = {
  normal: 'px-4 min-h-10 pointer-coarse:min-h-11',
  small: 'px-3 min-h-8 pointer-coarse:min-h-10 text-sm',
  sign: 'min-w-10 min-h-10 pointer-coarse:min-w-11 pointer-coarse:min-h-11',
};

export function buttonStyle(weight: Weight, size: keyof typeof SIZES = 'normal', more?: string): string {
  return cx(BASE, WEIGHTS[weight], SIZES[size], more);
}

interface Props extends Omit<AriaProps, 'className' | 'style'>, RefAttributes<HTMLButtonElement> {
  weight?: Weight;
  size?: keyof typeof SIZES;
  className?: string;
}

export function Button({ weight = 'plain', size, className, ...props }: Props) {
  return <AriaButton {...props} className={buttonStyle(weight, size, className)} />;
}

/** A button that shows a sign alone; `aria-label` says what it does. */
export function IconButton(props: Omit<Props, 'weight' | 'size'> & { 'aria-label': string }) {
  return <Button {...props} weight="bare" size="sign" />;
}
