// Buttons of the bars around the text: they leave the caret where it is.

import type { LucideIcon } from 'lucide-react';
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { isolateLtr } from '../../../lib/bidi';
import { cx } from '../../../ui/cx';

interface Props {
  label: string;
  icon: LucideIcon;
  /** As in `Ctrl+B`. */
  keys?: string;
  pressed?: boolean;
  disabled?: boolean;
  /** What points along the line of reading turns with it. */
  mirrored?: boolean;
  onPress: () => void;
}

const SQUARE = 'grid size-9 pointer-coarse:size-11 shrink-0 place-items-center rounded-md text-ink-2 cursor-pointer hover:bg-sunken';
const TOOL = `${SQUARE} hover:text-ink aria-pressed:bg-lajvard-soft aria-pressed:text-lajvard disabled:text-ink-3 disabled:opacity-45 disabled:cursor-default disabled:bg-transparent`;

export function Tool({ label, icon: Icon, keys, pressed, disabled, mirrored, onPress }: Props) {
  const title = keys ? `${label} (${isolateLtr(keys)})` : label;
  return (
    <button type="button" data-tool tabIndex={-1} aria-label={label} aria-keyshortcuts={keys?.replace('Ctrl', 'Control')} title={title} aria-pressed={pressed} disabled={disabled} onMouseDown={(event) => event.preventDefault()} onClick={onPress} className={TOOL}>
      <Icon size={18} aria-hidden className={mirrored ? 'mirror' : undefined} />
    </button>
  );
}

/** A tool that stands among fields: it is a stop for Tab itself. */
export function LoneTool({ label, icon: Icon, onPress }: Pick<Props, 'label' | 'icon' | 'onPress'>) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onPress} className={SQUARE}>
      <Icon size={18} aria-hidden />
    </button>
  );
}

const FIELDS = 'input, select, textarea';

/** A bar with one stop for Tab; arrows, which follow the line of reading, go from tool to tool. */
export function Bar({ label, className, children, ref }: { label: string; className?: string; children: ReactNode; ref?: (bar: HTMLElement | null) => void }) {
  const bar = useRef<HTMLDivElement>(null);
  const tools = () => [...(bar.current?.querySelectorAll<HTMLButtonElement>('[data-tool]:not(:disabled)') ?? [])];
  const enter = (tool: HTMLElement | undefined) => {
    for (const one of tools()) one.tabIndex = one === tool ? 0 : -1;
  };
  const go = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).matches(FIELDS)) return;
    const all = tools();
    const at = all.indexOf(event.target as HTMLButtonElement);
    const forward = getComputedStyle(event.currentTarget).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const back = forward === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
    const to = { [forward]: at + 1, [back]: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    enter(next);
    next?.focus();
  };
  const mount = (element: HTMLDivElement | null) => {
    bar.current = element;
    ref?.(element);
    // The first is the stop until another was used; those that could not be used then are none.
    if (element && !element.querySelector('[data-tool][tabindex="0"]:not(:disabled)')) enter(tools()[0]);
  };
  return (
    <div ref={mount} role="toolbar" aria-label={label} onKeyDown={go} onFocus={(event) => (event.target as HTMLElement).matches('[data-tool]') && enter(event.target as HTMLElement)} className={cx('flex items-center gap-0.5', className)}>
      {children}
    </div>
  );
}

export function Gap() {
  return <span aria-hidden className="mx-1 h-5 w-px shrink-0 bg-line" />;
}
